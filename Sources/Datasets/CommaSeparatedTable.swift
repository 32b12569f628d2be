import Foundation

/// A table of comma-separated values with a header (RFC 4180; any line ends, an
/// optional byte order mark).
struct CommaSeparatedTable {
  /// The header's cells, trimmed.
  let columns: [String]
  /// The rows with the line that each begins on; blank lines are left out.
  let rows: [(line: Int, cells: [String])]

  /// - Throws: `DatasetError.badLine` for a row of another length than the header.
  init(_ text: String, file: String) throws {
    var records: [(line: Int, cells: [String])] = []
    for record in Self.records(of: text)
    where !(record.cells.count == 1 && record.cells[0].allSatisfy(\.isWhitespace)) {
      records.append(record)
    }
    columns = (records.first?.cells ?? []).map { $0.trimmingCharacters(in: .whitespaces) }
    rows = Array(records.dropFirst())
    for row in rows where row.cells.count != columns.count {
      throw DatasetError.badLine(
        file: file, line: row.line, text: row.cells.joined(separator: ","),
        expected: "\(columns.count) cells: \(columns.joined(separator: ","))")
    }
  }

  /// The place of a column, case ignored.
  func column(_ name: String) -> Int? {
    columns.firstIndex { $0.lowercased() == name.lowercased() }
  }

  private static func records(of text: String) -> [(line: Int, cells: [String])] {
    var records: [(line: Int, cells: [String])] = []
    var cells: [String] = []
    var cell = ""
    var isQuoted = false
    var line = 1
    var firstLine = 1
    // A carriage return and a line feed are one character to Swift.
    var characters = text.drop(while: { $0 == "\u{FEFF}" })
    func endRecord() {
      cells.append(cell)
      records.append((firstLine, cells))
      cells = []
      cell = ""
      firstLine = line
    }
    while let character = characters.popFirst() {
      if character.isNewline { line += 1 }
      if isQuoted {
        if character != "\"" {
          cell.append(character)
        } else if characters.first == "\"" {
          cell.append("\"")
          characters.removeFirst()
        } else {
          isQuoted = false
        }
      } else if character == "\"" && cell.isEmpty {
        isQuoted = true
      } else if character == "," {
        cells.append(cell)
        cell = ""
      } else if character.isNewline {
        endRecord()
      } else {
        cell.append(character)
      }
    }
    if !cells.isEmpty || !cell.isEmpty { endRecord() }
    return records
  }
}
