/// A plain table for a terminal: columns padded to their widest cell, numbers
/// to the right.
package struct TextTable {
  private let header: [String]
  private var rows: [[String]] = []

  package init(_ header: [String]) {
    self.header = header
  }

  /// Adds a row of as many cells as the header has.
  package mutating func add(_ row: [String]) {
    precondition(
      row.count == header.count, "a row of \(row.count) cells under \(header.count) columns")
    rows.append(row)
  }

  /// The table, one line per row, without trailing spaces.
  package var lines: [String] {
    let all = [header] + rows
    let widths = header.indices.map { column in all.map { $0[column].count }.max() ?? 0 }
    let isNumeric = header.indices.map { column in
      !rows.isEmpty
        && rows.allSatisfy { row in
          let cell = row[column]
          return cell.isEmpty || cell == "-" || Double(cell.replacing("%", with: "")) != nil
        }
    }
    return all.map { row in
      var line = ""
      for (column, cell) in row.enumerated() {
        let padding = String(repeating: " ", count: widths[column] - cell.count)
        line += (column == 0 ? "" : "  ") + (isNumeric[column] ? padding + cell : cell + padding)
      }
      return line.replacing(#/\s+$/#, with: "")
    }
  }
}
