import Foundation
import Records

/// A training report as one self-contained HTML file (`HTMLPage`) without scripts: a table
/// of the runs with their last values, and a chart per loss term, validation metric and
/// learning rate, in which all runs are overlaid.
public struct TrainingReportPage: Sendable {
  public var report: TrainingReport

  public init(report: TrainingReport) {
    self.report = report
  }

  /// The page's text.
  ///
  /// - Throws: `ReportError` if the report cannot be drawn.
  public func html() throws -> String {
    try report.validate()
    let count = report.runs.count
    return HTMLPage(
      title: report.title,
      facts: [
        HTMLText.escapedLine(report.dataset), "\(count) \(count == 1 ? "run" : "runs")",
        HTMLPage.stamp(report.created),
      ],
      masthead: HTMLPage.list(report.notes, kind: "notes"),
      content: [
        table, charts("Loss terms", of: losses), charts("Validation", of: validation),
        charts("Learning rate", of: learningRate),
      ].filter { !$0.isEmpty }.joined(separator: "\n"),
      hasScript: false
    ).html
  }

  /// Writes the page atomically.
  public func write(to url: URL) throws {
    try AtomicFile.write(Data(html().utf8), to: url)
  }

  private var losses: [RunChart] { RunChart.charts(of: report.runs.map(\.losses)) }
  private var validation: [RunChart] {
    RunChart.charts(of: report.runs.map(\.validation), marksPoints: true)
  }
  private var learningRate: [RunChart] {
    RunChart.charts(
      of: report.runs.map { [TrainingSeries(name: "learning rate", points: $0.learningRate)] })
  }

  private func charts(_ heading: String, of charts: [RunChart]) -> String {
    guard !charts.isEmpty else { return "" }
    return """
      <section><h2>\(heading)</h2>
      <div class="metrics">
      \(charts.map { $0.html(runs: report.runs.map(\.name)) }.joined(separator: "\n"))
      </div></section>
      """
  }

  /// The runs with the last value of every series, and the legend of all charts.
  private var table: String {
    guard !report.runs.isEmpty else { return "<p class=\"fine\">The report has no runs.</p>" }
    let series = losses + validation + learningRate
    let head =
      ["Run", "Model", "Seed", "State"].map { "<th scope=\"col\">\($0)</th>" }
      + (["Last step"] + series.map(\.name)).map {
        "<th scope=\"col\" class=\"n\">\(HTMLText.escapedLine($0))</th>"
      }
    let rows = report.runs.enumerated().map { place, run in
      let swatch =
        "<span class=\"legend\"><svg aria-hidden=\"true\">"
        + SVG.path(CurveColors.series(place), "M0 6H24") + "</svg></span>"
      let facts = [
        ("Model", run.model), ("Seed", run.seed.map { "\($0)" } ?? ""), ("State", run.state),
      ]
      let values =
        [("Last step", run.lastStep.map(DecimalText.grouped) ?? "")]
        + series.map { chart in
          (chart.name, chart.lines[place].last.map { DecimalText.compact($0.value) } ?? "")
        }
      return "<tr><th scope=\"row\">\(swatch)\(HTMLText.escapedLine(run.name))</th>"
        + facts.map { cell($0.0, $0.1, kind: "") }.joined()
        + values.map { cell($0.0, $0.1, kind: " class=\"n\"") }.joined() + "</tr>"
    }
    return """
      <section><h2>Runs</h2>
      <div class="panel table runs"><table>
      <thead><tr>\(head.joined())</tr></thead>
      <tbody>
      \(rows.joined(separator: "\n"))
      </tbody></table></div>
      <p class="fine">Values are those of each series' last step.</p></section>
      """
  }

  private func cell(_ label: String, _ text: String, kind: String) -> String {
    text.isEmpty
      ? "<td class=\"empty\"></td>"
      : "<td data-label=\"\(HTMLText.escapedLine(label))\"\(kind)>\(HTMLText.escapedLine(text))</td>"
  }
}

/// One series of all runs over the steps, as a panel.
struct RunChart {
  let name: String
  /// The points of every run, in the order of the runs; empty for a run without the series.
  let lines: [[TrainingPoint]]
  /// Whether each point gets a mark.
  let marksPoints: Bool

  private static let plotTop = 8.0
  private static let plotHeight = 170.0
  /// The greatest number of points of a drawn line.
  private static let pointLimit = 600

  /// One chart per name of a series, in the order of first use. Names without points are
  /// left out.
  static func charts(of runs: [[TrainingSeries]], marksPoints: Bool = false) -> [RunChart] {
    var names: [String] = []
    for series in runs.joined() where !series.points.isEmpty && !names.contains(series.name) {
      names.append(series.name)
    }
    return names.map { name in
      RunChart(
        name: name,
        lines: runs.map { series in series.first { $0.name == name }?.points ?? [] },
        marksPoints: marksPoints)
    }
  }

  func html(runs: [String]) -> String {
    let bottom = Self.plotTop + Self.plotHeight
    let content = [grid, steps, curves(runs: runs)].joined(separator: "\n")
    return """
      <section class="panel chart"><h3>\(HTMLText.escapedLine(name))</h3>
      <div class="chart-box"><svg class="plot" height="\(SVG.number(bottom + 22))" role="img">\
      <title>\(HTMLText.escapedLine(name)) by step</title>\
      <desc>\(HTMLText.escapedLine(summary(runs: runs)))</desc>
      \(content)
      </svg></div></section>
      """
  }

  /// The chart in words, for people who do not see it.
  private func summary(runs: [String]) -> String {
    zip(runs, lines).compactMap { run, points in
      guard let first = points.first, let last = points.last else { return nil }
      return "\(run): \(DecimalText.compact(first.value)) at step \(first.step), "
        + "\(DecimalText.compact(last.value)) at step \(last.step)."
    }.joined(separator: " ")
  }

  private var lastStep: Double { Double(max(1, lines.joined().map(\.step).max() ?? 1)) }

  /// The value axis. It begins at 0 if all values are positive and 0 is near enough.
  private var axis: NumberAxis {
    let values = lines.joined().map(\.value).filter(\.isFinite)
    guard let least = values.min(), let greatest = values.max() else {
      return NumberAxis(covering: 0...1)
    }
    return NumberAxis(covering: (least >= 0 && least < greatest / 2 ? 0 : least)...greatest)
  }

  private var grid: String {
    axis.ticks.map { value in
      let y = Self.plotTop + Self.plotHeight * (1 - axis.share(value))
      return SVG.rule("grid", y: y)
        + SVG.text(
          DecimalText.compact(value), "label", x: .pixels(-7), y: y, shift: 4, anchor: .end)
    }.joined()
  }

  private var steps: String {
    let y = Self.plotTop + Self.plotHeight
    let ticks = NumberAxis(covering: 0...lastStep, maximumTicks: 5).ticks.filter {
      // Steps are whole numbers.
      $0 <= lastStep && $0 == $0.rounded()
    }
    return SVG.rule("axis", y: y)
      + ticks.map { step in
        let percent = 100 * step / lastStep
        let x = SVG.Length.percent(percent)
        return SVG.line("axis", x1: x, y1: y, x2: x, y2: y + 4)
          + SVG.text(
            DecimalText.grouped(Int(step)), "label", x: x, y: y + 17,
            anchor: percent > 97 ? .end : percent < 1 ? .start : .middle)
      }.joined()
  }

  private func curves(runs: [String]) -> String {
    let (axis, lastStep) = (axis, lastStep)
    let paths = zip(runs, lines).enumerated().map { place, line in
      let points = Self.thinned(line.1).map { point -> (x: Double, y: Double)? in
        point.map {
          (1000 * Double($0.step) / lastStep, 100 * (1 - axis.share($0.value)))
        }
      }
      return "<g><title>\(HTMLText.escapedLine(line.0))</title>"
        + SVG.path(
          CurveColors.series(place), PolylinePath(points: points, baseline: 100).line,
          keepsStroke: true) + "</g>"
    }
    return SVG.stretched(
      y: Self.plotTop, height: Self.plotHeight, content: paths.joined(separator: "\n")) + marks
  }

  /// The marks of single points, with their values.
  private var marks: String {
    guard marksPoints else { return "" }
    return lines.enumerated().flatMap { place, points in
      points.filter(\.value.isFinite).map { point in
        SVG.circle(
          "point " + CurveColors.series(place), x: .percent(100 * Double(point.step) / lastStep),
          y: Self.plotTop + Self.plotHeight * (1 - axis.share(point.value)), radius: 3,
          title: "step \(point.step): \(DecimalText.compact(point.value))")
      }
    }.joined()
  }

  /// At most `pointLimit` points: each run of neighbours becomes its lowest and its highest
  /// point in their order. Non-finite values become nil.
  private static func thinned(_ points: [TrainingPoint]) -> [TrainingPoint?] {
    guard points.count > pointLimit else { return points.map { $0.value.isFinite ? $0 : nil } }
    let pairs = pointLimit / 2
    return (0..<pairs).flatMap { pair -> [TrainingPoint?] in
      let run = points[(pair * points.count / pairs)..<((pair + 1) * points.count / pairs)]
        .filter(\.value.isFinite)
      guard let low = run.min(by: { $0.value < $1.value }),
        let high = run.max(by: { $0.value < $1.value })
      else { return [nil] }
      return low.step == high.step ? [low] : low.step < high.step ? [low, high] : [high, low]
    }
  }
}
