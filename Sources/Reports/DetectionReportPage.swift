import Foundation
import Records

/// A detection report as one self-contained HTML file (`HTMLPage`).
public struct DetectionReportPage: Sendable {
  public var report: DetectionReport
  /// The order of the videos; the page offers the other orders.
  public var order: ReportOrder
  /// With more videos than this, the cards are closed until the reader opens them.
  public var collapsesAbove: Int
  /// With at least this many videos, an overview precedes the cards.
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
  /// - Throws: `ReportError` if the record's numbers cannot be drawn.
  public func html() throws -> String {
    try report.validate()
    let isCollapsed = report.videos.count > collapsesAbove
    let given = Dictionary(
      uniqueKeysWithValues: report.videos.enumerated().map { ($0.element.id, $0.offset) })
    let cards = order.sorted(report.videos).map { video in
      VideoCard(video: video, number: given[video.id] ?? 0, isCollapsed: isCollapsed)
    }
    let overview = cards.count >= overviewFrom ? VideoOverview(cards: cards).html : ""
    let tables = (report.tables ?? []).map(\.html).joined(separator: "\n")
    let content = """
      \(tables)
      \(overview)
      <section><div class="bar-row"><h2>\(cards.count == 1 ? "Video" : "Videos")</h2>\
      \(cards.count > 1 ? sorter : "")</div>
      \(legend)
      <div class="cards">
      \(cards.map(\.html).joined(separator: "\n"))
      </div></section>
      \(PipelineTable(stages: report.stages).html)
      """
    return HTMLPage(title: report.title, facts: facts, masthead: masthead, content: content).html
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
    return """
      \(finding)
      \(metrics)
      \(HTMLPage.list(report.notes, kind: "notes"))
      """
  }

  private var facts: [String] {
    var facts = [HTMLText.escapedLine(report.dataset)]
    facts += report.counts.facts(videos: report.videos.count)
    facts.append(HTMLPage.stamp(report.created))
    return facts
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
    if report.videos.contains(where: { $0.classCurves?.isEmpty == false }) {
      entries.append(
        "<svg aria-hidden=\"true\">\(SVG.path(CurveColors.series(0), "M0 8H5V4H16"))</svg>"
          + "class scores")
    }
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

extension ReportCounts {
  /// The counts in words; `videos` where the number of videos is unknown.
  func facts(videos: Int) -> [String] {
    let videoCount = self.videos ?? videos
    var text = "\(DecimalText.grouped(videoCount)) \(videoCount == 1 ? "video" : "videos")"
    if let anomalous = anomalousVideos { text += " (\(DecimalText.grouped(anomalous)) anomalous)" }
    guard let frames else { return [text] }
    var all = "\(DecimalText.grouped(frames)) frames"
    if let positive = positiveFrames, frames > 0 {
      let share = DecimalText.fixed(100 * Double(positive) / Double(frames), 1)
      all += " (\(share) % in an anomaly)"
    }
    return [text, all]
  }
}

/// The order of the videos on a page.
public enum ReportOrder: String, Codable, Sendable, CaseIterable {
  /// Highest peak score first.
  case peak
  /// Lowest AUC within the video first, which shows failures. Videos without an AUC come
  /// last.
  case worst = "auc"
  /// By class, and by peak score within a class.
  case className = "class"
  /// By id.
  case name
  /// As in the record.
  case given

  /// The order's name on the page.
  var title: String {
    switch self {
    case .peak: "highest score"
    case .worst: "lowest AUC"
    case .className: "class"
    case .name: "name"
    case .given: "as recorded"
    }
  }

  /// The videos in this order. Equal videos keep the order of the record.
  func sorted(_ videos: [ReportVideo]) -> [ReportVideo] {
    func precedes(_ a: ReportVideo, _ b: ReportVideo) -> Bool? {
      let peaks = (a.peak?.score ?? -1, b.peak?.score ?? -1)
      let byPeak = peaks.0 == peaks.1 ? nil : peaks.0 > peaks.1
      switch self {
      case .peak: return byPeak
      case .worst:
        let areas = (a.areaUnderROC ?? 2, b.areaUnderROC ?? 2)
        return areas.0 == areas.1 ? byPeak : areas.0 < areas.1
      case .className:
        let names = (a.className ?? "\u{10FFFF}", b.className ?? "\u{10FFFF}")
        return names.0 == names.1 ? byPeak : names.0 < names.1
      case .name: return a.id == b.id ? nil : a.id < b.id
      case .given: return nil
      }
    }
    return videos.enumerated().sorted { a, b in
      precedes(a.element, b.element) ?? (a.offset < b.offset)
    }.map(\.element)
  }
}
