import Foundation
import Records

/// A comparison of models as one self-contained HTML file (`HTMLPage`).
public struct ComparisonReportPage: Sendable {
  public var report: ComparisonReport
  /// So many cards are open; the others open when the reader wants them.
  public var openCount: Int

  /// All curves together take at most about so many bytes: those of many videos are thinned.
  static let curveBytes = 3_000_000
  /// What a step of a curve takes in the page, on average.
  static let stepBytes = 9

  public init(report: ComparisonReport, openCount: Int = 6) {
    self.report = report
    self.openCount = openCount
  }

  /// The page's text.
  ///
  /// - Throws: `ReportError` if the report cannot be drawn.
  public func html() throws -> String {
    try report.validate()
    return HTMLPage(
      title: report.title, facts: facts, masthead: masthead,
      content: [tables, classes, videos].filter { !$0.isEmpty }.joined(separator: "\n"),
      style: toggles
    ).html
  }

  /// Writes the page atomically.
  public func write(to url: URL) throws {
    try AtomicFile.write(Data(html().utf8), to: url)
  }

  private var facts: [String] {
    let models = report.models.count
    return [HTMLText.escapedLine(report.dataset), "\(models) \(models == 1 ? "model" : "models")"]
      + report.counts.facts(videos: report.videos.count) + [HTMLPage.stamp(report.created)]
  }

  private var masthead: String {
    let findings = report.findings.map { "<p class=\"finding\">\(HTMLText.escapedLine($0))</p>" }
    let panels = MetricPanel.panels(of: report.metrics).map(\.html)
    return
      (findings
      + (panels.isEmpty
        ? [] : ["<div class=\"metrics\">\n\(panels.joined(separator: "\n"))\n</div>"])
      + [HTMLPage.list(report.notes, kind: "notes")]).joined(separator: "\n")
  }

  private var tables: String {
    let tables = ([report.table] + report.moreTables).map { table in
      table.html { place in "<span class=\"legend\">\(Self.swatch(place))</span>" }
    }
    let failures = HTMLPage.list(report.failures, kind: "fine failures")
    return (tables.prefix(1) + [failures] + tables.dropFirst()).joined(separator: "\n")
  }

  /// The colour of a model.
  private static func swatch(_ place: Int) -> String {
    "<svg aria-hidden=\"true\">" + SVG.path(CurveColors.series(place), "M0 6H16") + "</svg>"
  }

  // MARK: - Classes

  private var classes: String {
    guard !report.classes.isEmpty else { return "" }
    let rows = report.classes.map { item in
      let name = HTMLText.escapedLine(item.name)
      let words = zip(report.models, item.areas).map { model, area in
        "\(model) \(area.map { DecimalText.fixed($0.mean, 3) } ?? "not defined")"
      }.joined(separator: ", ")
      return "<div class=\"class-row\"><div class=\"variant\">\(name)"
        + " <span class=\"dim\">\(item.videoCount)</span></div>"
        + "<svg class=\"dots bars\" height=\"\(16 * item.areas.count + 6)\" role=\"img\">"
        + "<title>AUC of \(name): \(HTMLText.escapedLine(words))</title>\(bars(of: item))</svg></div>"
    }.joined(separator: "\n")
    return """
      <section><h2>AUC by class</h2>
      \(legend(hasToggles: false))
      <div class="panel classes">
      \(rows)
      <div class="class-row"><div></div><svg class="dots bars" height="16" aria-hidden="true">\
      \([0, 0.25, 0.5, 0.75, 1].map(axisLabel).joined())</svg></div>
      <p class="fine">Frames of the class's videos and of all normal ones, mean over the seeds; \
      the thin line is the range of the seeds, the dashed one chance. Beside each class stands its \
      number of videos: few make a noisy figure.</p>
      </div></section>
      """
  }

  /// The place of a value; the last tenth of the width is for numbers.
  private static func x(_ value: Double) -> SVG.Length { .percent(90 * min(1, max(0, value))) }

  private func axisLabel(_ value: Double) -> String {
    SVG.text(
      DecimalText.trimmed(value, digits: 2), "label", x: Self.x(value), y: 12, anchor: .middle)
  }

  private func bars(of item: ComparisonReportClass) -> String {
    let height = Double(16 * item.areas.count + 6)
    let chance = SVG.line("chance", x1: Self.x(0.5), y1: 0, x2: Self.x(0.5), y2: height)
    return item.areas.enumerated().map { place, area in
      let y = Double(16 * place) + 11
      guard let area else {
        return SVG.text("-", "label", x: .percent(100), y: y, shift: 4, anchor: .end)
      }
      let range =
        area.greatest > area.least
        ? SVG.line("bar-range", x1: Self.x(area.least), y1: y, x2: Self.x(area.greatest), y2: y)
        : ""
      return "<g class=\"m\(place)\">"
        + SVG.line(
          "class-bar " + CurveColors.series(place), x1: Self.x(0), y1: y, x2: Self.x(area.mean),
          y2: y) + range
        + SVG.text(
          DecimalText.fixed(area.mean, 3), "label", x: .percent(100), y: y, shift: 4, anchor: .end)
        + "</g>"
    }.joined() + chance
  }

  // MARK: - Videos

  private var videos: String {
    guard !report.videos.isEmpty else { return "" }
    let curves = max(1, report.videos.count * report.models.count)
    let limit = min(400, max(24, Self.curveBytes / Self.stepBytes / curves))
    let cards = report.videos.enumerated().map { place, video in
      card(video, number: place, limit: limit)
    }.joined(separator: "\n")
    let title = report.models.count > 1 ? "Where they disagree most" : "Videos"
    return """
      <section><div class="bar-row"><h2>\(title)</h2>\
      \(report.videos.count > 1 ? sorter : "")</div>
      \(legend(hasToggles: report.models.count > 1))
      <div class="cards">
      \(cards)
      </div></section>
      """
  }

  private var sorter: String {
    let orders = [
      ("given", "disagreement"), ("rank", "disagreement of ranks"), ("peak", "highest score"),
      ("auc", "lowest AUC"), ("class", "class"), ("name", "name"),
    ]
    let options = orders.map { "<option value=\"\($0.0)\">\($0.1)</option>" }.joined()
    return "<label class=\"sorter\">Sort by <select>\(options)</select></label>"
  }

  /// The models' colours; with toggles, boxes that hide a model's curves.
  private func legend(hasToggles: Bool) -> String {
    let models = report.models.enumerated().map { place, name in
      let text = Self.swatch(place) + HTMLText.escapedLine(name)
      return hasToggles
        ? "<li><label><input type=\"checkbox\" id=\"t\(place)\" checked>\(text)</label></li>"
        : "<li>\(text)</li>"
    }.joined()
    let truth =
      hasToggles
      ? "<li><svg aria-hidden=\"true\"><rect class=\"truth-band\" width=\"16\" height=\"12\"/></svg>"
        + "annotated anomaly</li>" : ""
    return "<ul class=\"legend\(hasToggles ? " toggles panel" : "")\">\(models)\(truth)</ul>"
  }

  /// Hides what a box is not checked for; no script is needed.
  private var toggles: String {
    report.models.indices.map {
      "body:has(#t\($0):not(:checked)) .cards .m\($0){display:none}"
    }.joined(separator: "\n")
  }

  private func card(_ video: ComparisonReportVideo, number: Int, limit: Int) -> String {
    let drawing = ModelCurvesDrawing(video: video, limit: limit)
    let shown = ReportVideo(
      id: video.id, className: video.className, isAnomalous: video.isAnomalous,
      durationSeconds: video.durationSeconds, scores: [])
    let name = HTMLText.escapedLine(video.id)
    let peak = video.curves.compactMap { ReportScore.peak(of: $0)?.score }.max() ?? -1
    let lowest = video.areas.compactMap { $0 }.min() ?? 2
    func figure(_ value: Double, _ unit: String) -> String {
      "<span class=\"figure\"><b>\(DecimalText.fixed(value, 2))</b> \(unit)</span>"
    }
    let spread =
      report.models.count > 1
      ? figure(video.spread, "spread") + figure(video.rankSpread, "of ranks") : ""
    let areas = zip(report.models, video.areas).enumerated().compactMap { place, item in
      item.1.map { area in
        "<li class=\"m\(place)\">\(Self.swatch(place))\(HTMLText.escapedLine(item.0)) "
          + "<b>\(DecimalText.fixed(area, 3))</b></li>"
      }
    }.joined()
    return """
      <details class="panel card" data-name="\(name)" \
      data-class="\(HTMLText.escapedLine(video.className ?? "~"))" \
      data-peak="\(DecimalText.fixed(peak, 6))" data-auc="\(DecimalText.fixed(lowest, 6))" \
      data-rank="\(DecimalText.fixed(video.rankSpread, 6))" data-given="\(number)"\
      \(number < openCount ? " open" : "")>
      <summary class="card-head"><h3>\(name)</h3>\(VideoCard.chip(shown))\
      <span class="facts">\(TimeAxis.clock(video.durationSeconds, tenths: true))</span>\
      <span class="figures">\(spread)</span>\(drawing.sparkline)</summary>
      <div class="card-body">
      <div class="curve-box models" data-duration="\(DecimalText.trimmed(video.durationSeconds, digits: 3))">
      <svg class="plot" height="\(SVG.number(ModelCurvesDrawing.height))" role="img">\
      <title>Curves of \(name)</title>\
      <desc>\(HTMLText.escapedLine(drawing.summary(models: report.models)))</desc>
      \(drawing.content)
      </svg></div>\
      \(areas.isEmpty ? "" : "<ul class=\"legend class-legend\"><li>AUC in this video</li>\(areas)</ul>")
      </div></details>
      """
  }
}
