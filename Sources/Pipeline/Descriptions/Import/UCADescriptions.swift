import Records

/// UCA's files (`UCFCrime_Train.json`; repository Xuange923/Surveillance-Video-Understanding on
/// GitHub, CVPR 2024): an object of videos, each with `duration`, `timestamps` ([start, end] in
/// seconds) and as many `sentences`.
struct UCADescriptions: DescriptionFileReader {
  private let expected =
    "UCA's form {\"video\": {\"duration\": s, \"timestamps\": [[s, s]], \"sentences\": [\"\"]}}"

  func read(_ file: ImportSource) throws -> ImportedFile {
    try file.entries(expected: expected, entry)
  }

  private func entry(_ name: String, _ value: StrictJSON, at place: String)
    throws(ImportProblem) -> ImportedDescription
  {
    guard let times = value["timestamps"], let texts = value["sentences"] else {
      throw ImportProblem(
        place: place, found: "no timestamps or no sentences", expected: expected)
    }
    guard let items = texts.items else {
      throw ImportProblem(
        place: place, found: "\(texts.kindInWords) as sentences", expected: "a list of texts")
    }
    let pairs = try ImportValues.times(times, at: place)
    return ImportedDescription(
      name: name, sentences: try ImportValues.sentences(items, times: pairs, at: place),
      durationSeconds: value["duration"]?.double, place: place)
  }
}
