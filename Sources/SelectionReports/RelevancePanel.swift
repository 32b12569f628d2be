import KeyEvents
import Reports

/// The relevance curve over time, with its key events shaded and named.
struct RelevancePanel {
  let curve: RelevanceCurve
  let events: [KeyEvent]
  let scale: TimeScale
  let plotHeight: Double

  /// The place of each event's name: its middle, and its row above the plot; nil if there
  /// is no space.
  private let namePlaces: [(x: Double, row: Int)?]
  private static let nameHeight = 15.0
  private static let nameWidth = 56.0
  private static let nameRows = 3

  init(curve: RelevanceCurve, events: [KeyEvent], scale: TimeScale, plotHeight: Double = 130) {
    self.curve = curve
    self.events = events
    self.scale = scale
    self.plotHeight = plotHeight
    // Names that would touch move to the row above.
    var ends = [Double](repeating: -.infinity, count: Self.nameRows)
    namePlaces = events.map { event in
      let middle = scale.x((event.startSeconds + event.endSeconds) / 2)
      let half = Self.nameWidth / 2
      let x = min(max(middle, scale.left + half), scale.right - half)
      guard let row = ends.firstIndex(where: { x - $0 > 4 }) else { return nil }
      ends[row] = x + Self.nameWidth
      return (x, row)
    }
  }

  /// The height of the events' names above the plot.
  var nameSpace: Double {
    Double((namePlaces.compactMap { $0?.row }.max() ?? -1) + 1) * Self.nameHeight + 4
  }

  var height: Double { nameSpace + plotHeight + 22 }

  /// The panel with its time axis, its upper edge at `top`.
  func drawing(at top: Double) -> String {
    let upper = top + nameSpace
    return [
      grid(upper), shades(from: upper, height: plotHeight), names(upper), line(upper),
      scale.drawing(at: upper + plotHeight),
    ].joined(separator: "\n")
  }

  /// The events' bands, for the panel and for the rows below it.
  func shades(from y: Double, height: Double) -> String {
    events.map { event in
      let start = scale.x(event.startSeconds)
      let width = max(2, scale.x(event.endSeconds) - start)
      return SVG.rectangle(
        "event", x: .pixels(start), y: y, width: .pixels(width), height: height)
    }.joined()
  }

  private func names(_ upper: Double) -> String {
    zip(events, namePlaces).map { event, place in
      let peak = scale.x(event.peakSeconds)
      let line = SVG.line("event-peak", peak, upper, peak, upper + plotHeight)
      guard let place else { return line }
      return SVG.text(
        "event \(event.number)", "event-name", x: .pixels(place.x),
        y: upper - 5 - Double(place.row) * Self.nameHeight, anchor: .middle) + line
    }.joined()
  }

  /// Lines at the least and the greatest relevance, with the scorer's own values.
  private func grid(_ upper: Double) -> String {
    let known = curve.relevance.compactMap { $0 }
    guard let least = known.min(), let greatest = known.max() else {
      return SVG.text(
        "no candidate is scored", "label", x: .pixels(scale.left + 8), y: upper + plotHeight / 2)
    }
    return [(0.0, least), (1.0, greatest)].map { place, value in
      let y = upper + plotHeight * (1 - place)
      return SVG.line("grid", scale.left, y, scale.right, y)
        + (place == 1 && least == greatest
          ? "" : label(DecimalText.trimmed(value, digits: 3), y: y + 4))
    }.joined() + label("relevance", y: upper + plotHeight / 2 + 4)
  }

  private func label(_ text: String, y: Double) -> String {
    SVG.text(text, "label", x: .pixels(scale.left - 8), y: y, anchor: .end)
  }

  /// The curve through its candidates, broken at unscored ones, which become ticks at
  /// the bottom. With more than two candidates per pixel, the extremes of each pixel are
  /// drawn.
  private func line(_ upper: Double) -> String {
    let bottom = upper + plotHeight
    let isDense = Double(curve.count) > 2 * scale.width
    var points: [(x: Double, y: Double)?] = []
    var ticks = ""
    var column = (place: -1, least: 0.0, greatest: 0.0)
    func closeColumn() {
      guard column.place >= 0 else { return }
      points.append((Double(column.place), bottom - plotHeight * column.least))
      points.append((Double(column.place), bottom - plotHeight * column.greatest))
      column.place = -1
    }
    for (seconds, value) in zip(curve.timestamps, curve.normalised()) {
      let x = scale.x(seconds)
      guard let value else {
        closeColumn()
        points.append(nil)
        ticks += SVG.line("unscored", x, bottom - 5, x, bottom)
        continue
      }
      if !isDense {
        points.append((x, bottom - plotHeight * value))
      } else if column.place == Int(x) {
        column.least = min(column.least, value)
        column.greatest = max(column.greatest, value)
      } else {
        closeColumn()
        column = (Int(x), value, value)
      }
    }
    closeColumn()
    let path = PolylinePath(points: points, baseline: bottom)
    return SVG.path("area", path.area)
      + SVG.path("curve\(curve.count > 300 ? " dense" : "")", path.line) + ticks
  }
}
