import Foundation

/// A table of comma-separated values with a header (RFC 4180, with any line ends and an
/// optional byte order mark).
package struct CommaSeparatedTable {
  /// The header's cells, trimmed.
  package let columns: [String]
  /// The rows, each with the number of its first line. Blank lines are left out.
  package let rows: [(line: Int, cells: [String])]

  /// - Throws: `DatasetError.badLine` for a row of another length than the header.
  init(_ text: String, file: String) throws {
    let records = Self.records(of: text).rows
    columns = (records.first?.cells ?? []).map { $0.trimmingCharacters(in: .whitespaces) }
    rows = Array(records.dropFirst())
    for row in rows where row.cells.count != columns.count {
      throw DatasetError.badLine(
        file: file, line: row.line, text: row.cells.joined(separator: ","),
        expected: "\(columns.count) cells: \(columns.joined(separator: ","))")
    }
  }

  /// The index of a column, ignoring case; nil if the table lacks it.
  func column(_ name: String) -> Int? {
    columns.firstIndex { $0.lowercased() == name.lowercased() }
  }

  /// The records of a text, the header among them.
  package struct Records {
    /// Each record with the number of its first line. Blank lines are left out.
    package var rows: [(line: Int, cells: [String])] = []
    /// The line of a quotation mark that nothing closes; all text after it is in one cell.
    package var unclosedQuoteLine: Int?
  }

  /// Splits a text into records.
  ///
  /// - Parameter separator: what stands between cells.
  package static func records(of text: String, separator: Character = ",") -> Records {
    var records = Records()
    var cells: [String] = []
    var cell = ""
    var isQuoted = false
    var line = 1
    var firstLine = 1
    var quoteLine = 1
    // In Swift a carriage return with a line feed is one character.
    var characters = text.drop(while: { $0 == "\u{FEFF}" })
    func endRecord() {
      cells.append(cell)
      if cells.count > 1 || !cell.allSatisfy(\.isWhitespace) {
        records.rows.append((firstLine, cells))
      }
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
        quoteLine = line
      } else if character == separator {
        cells.append(cell)
        cell = ""
      } else if character.isNewline {
        endRecord()
      } else {
        cell.append(character)
      }
    }
    if !cells.isEmpty || !cell.isEmpty { endRecord() }
    records.unclosedQuoteLine = isQuoted ? quoteLine : nil
    return records
  }
}
