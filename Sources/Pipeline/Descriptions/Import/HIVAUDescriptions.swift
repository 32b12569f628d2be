import Records

/// HIVAU-70k's raw annotations (`raw_annotations/ucf_database_train.json` and the like;
/// repository pipixin321/HolmesVAU on GitHub, CVPR 2025): an object of videos, each with
/// `n_frames`, `fps`, `label` (empty for a normal video), and texts at three levels:
/// `video_summary`; `events` ([start, end] in seconds) with as many `events_summary`; `clips`
/// with `clips_caption`, lists of times and of texts for each event.
struct HIVAUDescriptions: DescriptionFileReader {
  let level: ImportLevel

  private let expected =
    "an object of videos from HIVAU-70k's raw_annotations (not its instruction files)"

  func read(_ file: ImportSource) throws -> ImportedFile {
    try file.entries(expected: expected, entry)
  }

  private func entry(_ name: String, _ value: StrictJSON, at place: String)
    throws(ImportProblem) -> ImportedDescription
  {
    var entry = ImportedDescription(
      name: name, sentences: try sentences(of: value, at: place), place: place)
    if let frames = value["n_frames"]?.double, let rate = value["fps"]?.double, rate > 0 {
      entry.durationSeconds = frames / rate
    }
    entry.labels = value["label"]?.items?.compactMap(\.text)
    return entry
  }

  private func sentences(of value: StrictJSON, at place: String) throws(ImportProblem)
    -> [TimedSentence]
  {
    switch level {
    case .video:
      let summary = try ImportValues.words(
        value["video_summary"], of: "video_summary", at: place)
      return [TimedSentence(summary)]
    case .event:
      return try ImportValues.sentences(
        try list("events_summary", of: value, at: place),
        times: try ImportValues.times(.array(list("events", of: value, at: place)), at: place),
        at: place)
    case .clip:
      let times = try list("clips", of: value, at: place)
      let texts = try list("clips_caption", of: value, at: place)
      guard times.count == texts.count else {
        throw ImportProblem(
          place: place, found: "clips of \(times.count) events, captions of \(texts.count)",
          expected: "captions for the clips of each event")
      }
      var sentences: [TimedSentence] = []
      for (number, (times, texts)) in zip(times, texts).enumerated() {
        let place = "\(place), event \(number + 1)"
        guard let items = texts.items else {
          throw ImportProblem(
            place: place, found: "\(texts.kindInWords) as captions", expected: "a list of texts")
        }
        if items.isEmpty, times.items?.isEmpty == true { continue }
        sentences += try ImportValues.sentences(
          items, times: try ImportValues.times(times, at: place), at: place)
      }
      guard !sentences.isEmpty else {
        throw ImportProblem(place: place, found: "no clip", expected: "at least one")
      }
      return sentences
    }
  }

  private func list(_ key: String, of value: StrictJSON, at place: String)
    throws(ImportProblem) -> [StrictJSON]
  {
    guard let items = value[key]?.items else {
      throw ImportProblem(
        place: place, found: value[key].map { "\($0.kindInWords) as \(key)" } ?? "no \(key)",
        expected: "a list")
    }
    return items
  }
}
