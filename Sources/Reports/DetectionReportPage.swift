import Foundation
import Records

/// A report as one self-contained HTML file: styles, curves and pictures are in
/// it, and nothing is fetched. Its content policy lets no script run but its own.
public struct DetectionReportPage: Sendable {
  public var report: DetectionReport
  /// The order in which the videos stand; the page offers the others.
  public var order: ReportOrder
  /// With more videos than this the cards are closed until asked for.
  public var collapsesAbove: Int
  /// From this many videos on, an overview comes before the cards.
  public var overviewFrom: Int

  public init(
    report: DetectionReport, order: ReportOrder = .peak, collapsesAbove: Int = 30,
    overviewFrom: Int = 5
  ) {
    self.report = report
    self.order = order
    self.collapsesAbove = collapsesAbove
    self.overviewFrom = overviewFrom
  }

  /// The page's text.
  ///
  /// - Throws: `ReportError` where the record's numbers cannot be drawn.
  public func html() throws -> String {
    try report.validate()
    let isCollapsed = report.videos.count > collapsesAbove
    let given = Dictionary(
      uniqueKeysWithValues: report.videos.enumerated().map { ($0.element.id, $0.offset) })
    let cards = order.sorted(report.videos).map { video in
      VideoCard(video: video, number: given[video.id] ?? 0, isCollapsed: isCollapsed)
    }
    let overview = cards.count >= overviewFrom ? Overview(cards: cards).html : ""
    return """
      <!DOCTYPE html>
      <html lang="en">
      <head>
      <meta charset="utf-8">
      <meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; \
      style-src 'unsafe-inline'; script-src \(PageScript.policyHash); base-uri 'none'; \
      form-action 'none'">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <meta name="generator" content="kess">
      <title>\(HTMLText.escapedLine(report.title))</title>
      <link rel="icon" href="data:,">
      <style>
      \(PageStyle.sheet)
      </style>
      </head>
      <body>
      \(masthead)
      <main>
      \(overview)
      <section><div class="bar-row"><h2>\(cards.count == 1 ? "Video" : "Videos")</h2>\
      \(cards.count > 1 ? sorter : "")</div>
      \(legend)
      <div class="cards">
      \(cards.map(\.html).joined(separator: "\n"))
      </div></section>
      \(PipelineTable(stages: report.stages).html)
      <footer>Written by kess. This file is complete in itself and fetches nothing.</footer>
      </main>
      <script>\(PageScript.source)</script>
      </body>
      </html>

      """
  }

  /// Writes the page atomically.
  public func write(to url: URL) throws {
    try AtomicFile.write(Data(html().utf8), to: url)
  }

  private var masthead: String {
    let finding =
      report.finding.map { "<p class=\"finding\">\(HTMLText.escapedLine($0))</p>" } ?? ""
    let panels = MetricPanel.panels(of: report.metrics)
    let metrics =
      panels.isEmpty
      ? "" : "<div class=\"metrics\">\n\(panels.map(\.html).joined(separator: "\n"))\n</div>"
    let notes =
      report.notes.isEmpty
      ? ""
      : "<ul class=\"notes\">"
        + report.notes.map { "<li>\(HTMLText.escapedLine($0))</li>" }.joined() + "</ul>"
    return """
      <header class="masthead"><div>
      <p class="eyebrow">Video anomaly detection</p>
      <h1>\(HTMLText.escapedLine(report.title))</h1>
      <p class="meta">\(facts)</p>
      \(finding)
      \(metrics)
      \(notes)
      </div></header>
      """
  }

  private var facts: String {
    var facts = [HTMLText.escapedLine(report.dataset)]
    let counts = report.counts
    let videoCount = counts.videos ?? report.videos.count
    var videos = "\(DecimalText.grouped(videoCount)) \(videoCount == 1 ? "video" : "videos")"
    if let anomalous = counts.anomalousVideos {
      videos += " (\(DecimalText.grouped(anomalous)) anomalous)"
    }
    facts.append(videos)
    if let frames = counts.frames {
      var text = "\(DecimalText.grouped(frames)) frames"
      if let positive = counts.positiveFrames, frames > 0 {
        let share = DecimalText.fixed(100 * Double(positive) / Double(frames), 1)
        text += " (\(share) % in an anomaly)"
      }
      facts.append(text)
    }
    let style = Date.ISO8601FormatStyle(timeZone: .gmt)
    let stamp = report.created.formatted(style).prefix(16).replacing("T", with: " ")
    facts.append("\(stamp) UTC")
    return facts.joined(separator: " · ")
  }

  private var sorter: String {
    let options = ReportOrder.allCases.map { choice in
      "<option value=\"\(choice.rawValue)\"\(choice == order ? " selected" : "")>"
        + "\(choice.title)</option>"
    }.joined()
    return "<label class=\"sorter\">Sort by <select>\(options)</select></label>"
  }

  private var legend: String {
    var entries = [
      "<svg aria-hidden=\"true\"><path class=\"curve\" d=\"M0 9H6V3H16\"/></svg>anomaly score"
    ]
    if report.videos.contains(where: { $0.groundTruth != nil }) {
      entries.append(
        "<svg aria-hidden=\"true\"><rect class=\"truth-band\" width=\"16\" height=\"8\"/>"
          + "<rect class=\"truth-bar\" y=\"9\" width=\"16\" height=\"3\"/></svg>annotated anomaly")
    }
    if report.videos.contains(where: { $0.threshold != nil }) {
      entries.append(
        "<svg aria-hidden=\"true\"><rect class=\"detected-bar\" y=\"4\" width=\"16\" height=\"5\"/>"
          + "</svg>detected")
      entries.append(
        "<svg aria-hidden=\"true\"><path class=\"threshold\" d=\"M0 6H16\"/></svg>threshold")
    }
    if report.videos.contains(where: { !$0.keyFrames.isEmpty }) {
      entries.append(
        "<svg aria-hidden=\"true\"><circle class=\"pin-head\" cx=\"8\" cy=\"6\" r=\"6\"/></svg>"
          + "key frame")
    }
    return "<ul class=\"legend\">" + entries.map { "<li>\($0)</li>" }.joined() + "</ul>"
  }
}
