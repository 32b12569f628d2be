import Foundation
import Records

/// JSON lines: one object per line with a video's name and its text, or a list of sentences with
/// their times. The usual names of the keys are known (`ImportField`), and so are the lines of
/// `describe export`.
struct JSONLineDescriptions: DescriptionFileReader {
  private let expected =
    "one JSON object per line with a video and its text, such as "
    + "{\"video\": \"a.mp4\", \"description\": \"...\"}"

  func read(_ file: ImportSource) throws -> ImportedFile {
    if file.data.first(where: { ![0x20, 0x09, 0x0A, 0x0D].contains($0) }) == UInt8(ascii: "[") {
      throw RecordError.wrongFormat(
        path: file.path, found: "a JSON array",
        expected: "one JSON object per line: jq -c '.[]' converts it")
    }
    var result = ImportedFile()
    var ignored: Set<String> = []
    let lines = file.data.split(separator: 0x0A, omittingEmptySubsequences: false)
    for (index, line) in lines.enumerated() {
      guard line.contains(where: { ![0x20, 0x09, 0x0D].contains($0) }) else { continue }
      result.add { () throws(ImportProblem) in
        try entry(line, place: "line \(index + 1)", ignored: &ignored)
      }
    }
    if result.entries.isEmpty, let first = result.problems.first {
      // A pretty-printed object fails at every line; one message says it.
      throw RecordError.wrongFormat(
        path: file.path, found: "no usable line (\(first.place): \(first.found))",
        expected: expected)
    }
    if !ignored.isEmpty {
      result.notes.append(
        "of several texts per line the first is used; ignored: "
          + ignored.sorted().joined(separator: ", "))
    }
    return result
  }

  private func entry(_ line: Data, place: String, ignored: inout Set<String>)
    throws(ImportProblem) -> ImportedDescription
  {
    let value: StrictJSON
    do {
      value = try StrictJSON(parsing: line)
    } catch {
      throw ImportProblem(
        place: place, found: (error as? StrictJSON.Failure)?.found ?? "\(error)",
        expected: "one JSON object")
    }
    guard let pairs = value.pairs else {
      throw ImportProblem(place: place, found: value.kindInWords, expected: "one JSON object")
    }
    if let key = value.repeatedKey {
      throw ImportProblem(place: place, found: "the key '\(key)' twice", expected: "each key once")
    }
    let present = pairs.filter { !$0.value.isNull }
    let (positions, others) = ImportField.positions(of: present.map(\.key))
    ignored.formUnion(others)
    func field(_ field: ImportField) -> StrictJSON? { positions[field].map { present[$0].value } }

    let name = field(.wholeVideo)?.nameText ?? field(.video)?.nameText
    guard let name, !name.allSatisfy(\.isWhitespace) else {
      throw ImportProblem(
        place: place, found: field(.video).map { "\($0.kindInWords) as the video" } ?? "no video",
        expected: "a name under 'video', 'video_id', 'file_name' or 'id'")
    }
    var entry = ImportedDescription(name: name, sentences: [], place: place)
    entry.isOwnID = field(.requestKey) != nil
    entry.describer = entry.isOwnID ? field(.model)?.text : nil
    entry.durationSeconds = field(.duration)?.double
    entry.labels = try field(.label).map { (label) throws(ImportProblem) in
      try labels(label, at: place)
    }
    let start = try seconds(field(.start), of: "start", at: place)
    let end = try seconds(field(.end), of: "end", at: place)
    if let stored = field(.structured)?.text.flatMap(ImportedSentences.init(recorded:)) {
      entry.sentences = stored.sentences
      return entry
    }
    let times = field(.times)
    let text = field(.text)
    if let items = text?.items {
      entry.sentences =
        if let times {
          try ImportValues.sentences(
            items, times: ImportValues.times(times, at: place), at: place)
        } else {
          try untimed(items, at: place)
        }
      return entry
    }
    let words = try ImportValues.words(text, of: "text", at: place)
    guard let times else {
      entry.sentences = [try ImportValues.sentence(words, from: start, to: end, at: place)]
      entry.isRow = start != nil || end != nil
      return entry
    }
    let pairsOfTimes = try ImportValues.times(times, at: place)
    entry.sentences = try ImportValues.sentences([.string(words)], times: pairsOfTimes, at: place)
    entry.isRow = true
    return entry
  }

  private func untimed(_ items: [StrictJSON], at place: String) throws(ImportProblem)
    -> [TimedSentence]
  {
    guard !items.isEmpty else {
      throw ImportProblem(place: place, found: "no sentence", expected: "at least one")
    }
    var sentences: [TimedSentence] = []
    for (number, item) in items.enumerated() {
      sentences.append(
        TimedSentence(
          try ImportValues.words(item, of: "sentence", at: "\(place), sentence \(number + 1)")))
    }
    return sentences
  }

  private func seconds(_ value: StrictJSON?, of name: String, at place: String)
    throws(ImportProblem) -> Double?
  {
    guard let value else { return nil }
    guard let number = value.double ?? value.text.flatMap(TimeText.seconds) else {
      throw ImportProblem(
        place: place, found: "\(value.kindInWords) as \(name)", expected: "seconds, or h:mm:ss")
    }
    return number
  }

  private func labels(_ value: StrictJSON, at place: String) throws(ImportProblem) -> [String] {
    if let name = value.nameText { return [name] }
    if let items = value.items {
      let names = items.compactMap(\.nameText)
      if names.count == items.count { return names }
    }
    throw ImportProblem(
      place: place, found: "\(value.kindInWords) as the label", expected: "a name, or a list")
  }
}

/// Times as people write them.
enum TimeText {
  /// Seconds of `12.5` or `0:01:12.5`; nil for other texts.
  static func seconds(_ text: String) -> Double? {
    let parts = text.trimmingCharacters(in: .whitespaces)
      .split(separator: ":", omittingEmptySubsequences: false).map { Double($0) }
    guard (1...3).contains(parts.count) else { return nil }
    var seconds = 0.0
    for part in parts {
      guard let part, part.isFinite else { return nil }
      seconds = seconds * 60 + part
    }
    return seconds
  }
}
