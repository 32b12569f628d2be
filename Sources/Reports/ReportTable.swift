/// A table of figures on a page, such as mAP@IoU.
public struct ReportTable: Codable, Sendable, Equatable {
  public var title: String
  /// The columns' titles. The first column names the row.
  public var columns: [String]
  /// Rows of as many cells as there are columns. A line break within a cell begins a smaller line.
  public var rows: [[String]]
  /// What the figures are, under the table.
  public var note: String?

  public init(title: String, columns: [String], rows: [[String]], note: String? = nil) {
    self.title = title
    self.columns = columns
    self.rows = rows
    self.note = note
  }

  /// Rejects rows of other lengths than the head.
  func validate() throws {
    if let index = rows.firstIndex(where: { $0.count != columns.count }) {
      throw ReportError.badTable(
        title: title, row: index, found: rows[index].count, expected: columns.count)
    }
  }

  var html: String { html { _ in "" } }

  /// - Parameter mark: HTML before the name of a row, by the row's place.
  func html(mark: (Int) -> String) -> String {
    guard !rows.isEmpty else { return "" }
    let isNumber = columns.indices.map { column in
      column > 0 && rows.allSatisfy { Self.isNumber($0[column]) }
    }
    let head = zip(columns, isNumber).map { name, isNumber in
      "<th scope=\"col\"\(isNumber ? " class=\"n\"" : "")>\(HTMLText.escapedLine(name))</th>"
    }.joined()
    let body = rows.enumerated().map { place, row in
      let cells = row.indices.dropFirst().map { column in
        row[column].isEmpty
          ? "<td class=\"empty\"></td>"
          : "<td data-label=\"\(HTMLText.escapedLine(columns[column]))\""
            + (isNumber[column] ? " class=\"n\"" : "") + ">"
            + "\(Self.lines(row[column]))</td>"
      }.joined()
      return "<tr><th scope=\"row\">\(mark(place))\(HTMLText.escapedLine(row[0]))</th>\(cells)</tr>"
    }.joined(separator: "\n")
    let note = note.map { "<p class=\"fine\">\(HTMLText.escapedLine($0))</p>" } ?? ""
    return """
      <section><h2>\(HTMLText.escapedLine(title))</h2>
      <div class="panel table"><table class="compact">
      <thead><tr>\(head)</tr></thead>
      <tbody>
      \(body)
      </tbody></table></div>\(note)</section>
      """
  }

  private static func lines(_ cell: String) -> String {
    let lines = cell.split(separator: "\n").map { HTMLText.escapedLine(String($0)) }
    return (lines.prefix(1) + lines.dropFirst().map { "<small>\($0)</small>" }).joined()
  }

  /// Whether a cell is a number, alone, with its spread or a unit, or stands for one.
  private static func isNumber(_ text: String) -> Bool {
    let first = text.prefix { $0 != "\n" }
    if first.isEmpty || first == "-" { return true }
    let words = first.split(separator: " ")
    if words.count == 2, ["k", "M", "MB"].contains(words[1]) { return Double(words[0]) != nil }
    return first.split(separator: " ± ").allSatisfy { Double($0) != nil }
  }
}
