import Datasets
import Foundation
import Records

/// A table: RFC 4180 with a header, separated by commas, semicolons or tabs. The usual names of
/// the columns are known (`ImportField`), and so is the table of `describe export`.
struct TableDescriptions: DescriptionFileReader {
  private static let separators: [Character] = [",", ";", "\t"]

  func read(_ file: ImportSource) throws -> ImportedFile {
    let text = String(decoding: file.data, as: UTF8.self)
    let isUTF8 = String(validating: file.data, as: UTF8.self) != nil
    let (separator, names, fields, ignored) = try header(of: text, path: file.path)
    let records = CommaSeparatedTable.records(of: text, separator: separator)
    if let line = records.unclosedQuoteLine {
      throw RecordError.wrongFormat(
        path: file.path, found: "a quotation mark in line \(line) that nothing closes",
        expected: "a closed cell; a quotation mark inside one is doubled")
    }
    var result = ImportedFile()
    if !ignored.isEmpty {
      result.notes.append(
        "of several columns of text the first is used; ignored: "
          + ignored.joined(separator: ", "))
    }
    for (line, cells) in records.rows.dropFirst() {
      let place = "line \(line)"
      result.add { () throws(ImportProblem) in
        guard cells.count == names.count else {
          throw ImportProblem(
            place: place, found: "\(cells.count) cells",
            expected: "\(names.count): \(names.joined(separator: String(separator)))")
        }
        if !isUTF8, cells.contains(where: { $0.contains("\u{FFFD}") }) {
          throw ImportProblem(place: place, found: "bytes that are not UTF-8", expected: "UTF-8")
        }
        return try entry(cells, fields: fields, hasDecimalComma: separator != ",", place: place)
      }
    }
    guard !result.entries.isEmpty || !result.problems.isEmpty else {
      throw RecordError.wrongFormat(
        path: file.path, found: "a header without rows", expected: "a row for each description")
    }
    return result
  }

  /// The separator under which the header has a video and a text.
  private func header(of text: String, path: String) throws -> (
    separator: Character, names: [String], fields: [ImportField: Int], ignored: [String]
  ) {
    var names: [String] = []
    for separator in Self.separators {
      // The first lines are enough, unless a quoted name has a line end.
      let head = text.split(separator: "\n", maxSplits: 3).prefix(3).joined(separator: "\n")
      names = (CommaSeparatedTable.records(of: head, separator: separator).rows.first?.cells ?? [])
        .map { $0.trimmingCharacters(in: .whitespaces) }
      let (fields, ignored) = ImportField.positions(of: names)
      guard fields[.video] != nil, fields[.text] != nil else { continue }
      let plain = names.map(ImportField.plain).filter { !$0.isEmpty }
      if let twice = plain.first(where: { name in plain.count { $0 == name } > 1 }) {
        throw RecordError.wrongFormat(
          path: path, found: "the column '\(twice)' twice", expected: "each column once")
      }
      return (separator, names, fields, ignored)
    }
    let first = text.split(whereSeparator: \.isNewline).first ?? ""
    throw RecordError.wrongFormat(
      path: path, found: "the header '\(first.prefix(80))'",
      expected: "columns with a video (video, video_id, file_name, id) and a text "
        + "(description, caption, text), separated by commas, semicolons or tabs")
  }

  private func entry(
    _ cells: [String], fields: [ImportField: Int], hasDecimalComma: Bool, place: String
  ) throws(ImportProblem) -> ImportedDescription {
    func cell(_ field: ImportField) -> String? {
      guard let column = fields[field] else { return nil }
      let text = cells[column].trimmingCharacters(in: .whitespacesAndNewlines)
      return text.isEmpty ? nil : text
    }
    func seconds(_ field: ImportField) throws(ImportProblem) -> Double? {
      guard let text = cell(field) else { return nil }
      let plain = hasDecimalComma && !text.contains(".") ? text.replacing(",", with: ".") : text
      guard let seconds = TimeText.seconds(plain) else {
        throw ImportProblem(
          place: place, found: "'\(text)' as \(field)", expected: "seconds, or h:mm:ss")
      }
      return seconds
    }
    guard let name = cell(.wholeVideo) ?? cell(.video) else {
      throw ImportProblem(place: place, found: "no video", expected: "a name")
    }
    var entry = ImportedDescription(name: name, sentences: [], place: place)
    entry.isOwnID = cell(.requestKey) != nil
    entry.describer = entry.isOwnID ? cell(.model) : nil
    entry.durationSeconds = try seconds(.duration)
    entry.labels = cell(.label).map {
      $0.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
    }
    if let stored = cell(.structured).flatMap(ImportedSentences.init(recorded:)) {
      entry.sentences = stored.sentences
      return entry
    }
    let words = try ImportValues.words(cell(.text) ?? "", of: "text", at: place)
    let (start, end) = (try seconds(.start), try seconds(.end))
    entry.sentences = [try ImportValues.sentence(words, from: start, to: end, at: place)]
    entry.isRow = start != nil || end != nil
    return entry
  }
}
