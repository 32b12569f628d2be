import Foundation

/// The metrics of one name, a row a variant: every seed a dot, the spread a bar,
/// the mean a tick, chance a dashed line, all on one axis.
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

  /// The axis: whole tenths around every value, spread and chance.
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
    var marks = "<line class=\"grid\" x1=\"0\" x2=\"100%\" y1=\"13\" y2=\"13\"/>"
    if let chance = metric.chance {
      marks += vertical(chance, kind: "chance", from: 0, to: 26, title: "Chance")
    }
    if let spread = metric.standardDeviation {
      marks +=
        "<line class=\"spread-bar\" x1=\"\(percent(metric.mean - spread))\" "
        + "x2=\"\(percent(metric.mean + spread))\" y1=\"13\" y2=\"13\"/>"
    }
    marks += vertical(metric.mean, kind: "mean", from: 4, to: 22, title: "Mean")
    for value in metric.values {
      marks +=
        "<circle class=\"seed\" cx=\"\(percent(value))\" cy=\"13\" r=\"4.5\"><title>"
        + "\(DecimalText.fixed(value, 4))</title></circle>"
    }
    return marks
  }

  private var axis: String {
    let tenths = Int((domain.lowerBound * 10).rounded())...Int((domain.upperBound * 10).rounded())
    let ticks = tenths.map { tenth in
      let x = percent(Double(tenth) / 10)
      return "<text class=\"label\" x=\"\(x)\" y=\"12\" text-anchor=\"middle\">"
        + "\(DecimalText.fixed(Double(tenth) / 10, 1))</text>"
    }
    var note = ""
    if let chance = metrics.compactMap(\.chance).first {
      note = "<div class=\"key\">dashed: chance, \(DecimalText.trimmed(chance, digits: 3))</div>"
    }
    return "<svg class=\"dots\" height=\"16\" aria-hidden=\"true\">\(ticks.joined())</svg>" + note
  }

  private func vertical(_ value: Double, kind: String, from: Int, to: Int, title: String)
    -> String
  {
    "<line class=\"\(kind)\" x1=\"\(percent(value))\" x2=\"\(percent(value))\" y1=\"\(from)\" "
      + "y2=\"\(to)\"><title>\(title) \(DecimalText.trimmed(value, digits: 4))</title></line>"
  }

  private func percent(_ value: Double) -> String {
    let part = (value - domain.lowerBound) / (domain.upperBound - domain.lowerBound)
    return DecimalText.trimmed(100 * min(1, max(0, part)), digits: 2) + "%"
  }
}
