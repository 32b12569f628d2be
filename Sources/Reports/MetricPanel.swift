import Foundation

/// The metrics of one name on one axis, with a row per variant: each seed is a dot, the
/// spread a bar, the mean a tick, chance a dashed line.
struct MetricPanel {
  let name: String
  let metrics: [ReportMetric]

  /// The panels of a report, in the order of the names' first use.
  static func panels(of metrics: [ReportMetric]) -> [MetricPanel] {
    var names: [String] = []
    for metric in metrics where !names.contains(metric.name) { names.append(metric.name) }
    return names.map { name in
      MetricPanel(name: name, metrics: metrics.filter { $0.name == name })
    }
  }

  /// The axis: whole tenths that include every value, spread and chance.
  var domain: ClosedRange<Double> {
    var low = 1.0
    var high = 0.0
    for metric in metrics {
      let spread = metric.standardDeviation ?? 0
      let values = metric.values + [metric.mean - spread, metric.mean + spread]
      low = min(low, values.min() ?? low, metric.chance ?? low)
      high = max(high, values.max() ?? high, metric.chance ?? high)
    }
    let first = max(0, (low * 10 + 1e-9).rounded(.down) / 10)
    var last = min(1, (high * 10 + 0.2).rounded(.up) / 10)
    if last - first < 0.2 { last = min(1, first + 0.2) }
    return min(first, last - 0.1)...last
  }

  var html: String {
    let rows = metrics.map(row).joined(separator: "\n")
    return """
      <section class="panel metric"><h3>\(HTMLText.escapedLine(name))</h3>
      <div class="metric-rows">
      \(rows)
      <div class="metric-axis">\(axis)</div>
      </div></section>
      """
  }

  private func row(_ metric: ReportMetric) -> String {
    let spread = metric.standardDeviation
    let value = DecimalText.fixed(metric.mean, 3)
    let spreadText = spread.map { " <span class=\"spread\">± \(DecimalText.fixed($0, 3))</span>" }
    let seeds = metric.values.count == 1 ? "1 seed" : "\(metric.values.count) seeds"
    let each = metric.values.map { DecimalText.fixed($0, 4) }.joined(separator: ", ")
    return """
      <div class="metric-row"><div class="variant">\(HTMLText.escapedLine(metric.variant))</div>
      <div class="metric-value"><b>\(value)</b>\(spreadText ?? "") \
      <span class="seeds">\(seeds)</span></div>
      <svg class="dots" height="26" role="img"><title>\(HTMLText.escapedLine(metric.variant)): \
      mean \(value), seeds \(each)</title>\(marks(metric))</svg></div>
      """
  }

  private func marks(_ metric: ReportMetric) -> String {
    let row = DotRow(domain: domain)
    var marks = SVG.rule("grid", y: 13)
    if let chance = metric.chance {
      marks += row.tick("chance", at: chance, from: 0, to: 26, name: "Chance")
    }
    if let spread = metric.standardDeviation {
      marks += SVG.line(
        "spread-bar", x1: row.x(metric.mean - spread), y1: 13, x2: row.x(metric.mean + spread),
        y2: 13)
    }
    marks += row.tick("mean", at: metric.mean, from: 4, to: 22, name: "Mean")
    for value in metric.values {
      marks += SVG.circle(
        "seed", x: row.x(value), y: 13, radius: 4.5, title: DecimalText.fixed(value, 4))
    }
    return marks
  }

  private var axis: String {
    let tenths = Int((domain.lowerBound * 10).rounded())...Int((domain.upperBound * 10).rounded())
    var note = ""
    if let chance = metrics.compactMap(\.chance).first {
      note = "<div class=\"key\">dashed: chance, \(DecimalText.trimmed(chance, digits: 3))</div>"
    }
    return DotRow(domain: domain).labels(tenths.map { Double($0) / 10 }) + note
  }
}

/// A row of values as marks on a horizontal axis: seeds of a metric, videos of a class.
struct DotRow {
  let domain: ClosedRange<Double>

  /// The place of a value, clipped to the axis.
  func x(_ value: Double) -> SVG.Length {
    let part = (value - domain.lowerBound) / (domain.upperBound - domain.lowerBound)
    return .percent(100 * min(1, max(0, part)))
  }

  /// A vertical line at a value.
  func tick(
    _ kind: String, at value: Double, from: Double, to: Double, name: String? = nil
  ) -> String {
    SVG.line(
      kind, x1: x(value), y1: from, x2: x(value), y2: to,
      title: name.map { "\($0) \(DecimalText.trimmed(value, digits: 4))" })
  }

  /// The axis' labels as a drawing of their own.
  func labels(_ values: [Double]) -> String {
    let texts = values.map {
      SVG.text(DecimalText.fixed($0, 1), "label", x: x($0), y: 12, anchor: .middle)
    }
    return "<svg class=\"dots\" height=\"16\" aria-hidden=\"true\">\(texts.joined())</svg>"
  }
}
