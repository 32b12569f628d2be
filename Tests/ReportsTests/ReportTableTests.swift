import Foundation
import Reports
import TestSupport
import Testing

@Suite struct ReportTableTests {
  private func report(_ tables: [ReportTable]) -> DetectionReport {
    DetectionReport(
      title: "t", dataset: "d", created: Date(timeIntervalSince1970: 1_790_000_000),
      tables: tables, videos: [])
  }

  private let table = ReportTable(
    title: "Events <i>", columns: ["class", "what", "0.1", "AVG"],
    rows: [["Fire & <b>", "x", "12.50 ± 0.10", "-"], ["Arson", "", "3.00", "1"]],
    note: "In percent & more.")

  @Test("a table is escaped, numbers stand to the right, and empty cells are marked")
  func drawn() throws {
    let html = try DetectionReportPage(report: report([table])).html()
    #expect(html.contains("<h2>Events &lt;i&gt;</h2>"))
    #expect(html.contains("<th scope=\"col\">what</th><th scope=\"col\" class=\"n\">0.1</th>"))
    #expect(html.contains("<th scope=\"row\">Fire &amp; &lt;b&gt;</th>"))
    #expect(html.contains("<td data-label=\"0.1\" class=\"n\">12.50 ± 0.10</td>"))
    #expect(html.contains("<th scope=\"row\">Arson</th><td class=\"empty\"></td>"))
    #expect(html.contains("<p class=\"fine\">In percent &amp; more.</p>"))
  }

  @Test("a record keeps its tables, and one without has no key for them")
  func record() throws {
    let folder = try TemporaryFolder()
    for tables in [[table], []] {
      let url = folder.file("report.json")
      try report(tables).write(to: url)
      #expect(try DetectionReport.read(from: url) == report(tables))
      #expect(
        try String(contentsOf: url, encoding: .utf8).contains("\"tables\"") == !tables.isEmpty)
    }
  }

  @Test("a row of another length is refused by table and row")
  func refused() {
    var bad = table
    bad.rows[1].removeLast()
    #expect {
      try DetectionReportPage(report: report([bad])).html()
    } throws: { "\($0)".hasPrefix("Events <i>: row 1 has 3 cells, expected 4") }
  }
}
