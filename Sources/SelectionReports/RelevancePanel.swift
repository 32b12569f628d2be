import KeyEvents
import Reports

/// The relevance curve over time, its key events shaded and named.
struct RelevancePanel {
  let curve: RelevanceCurve
  let events: [KeyEvent]
  let scale: TimeScale
  let plotHeight: Double

  /// Where each event's name stands: its middle, and how many rows above the plot; nil
  /// where there is no room for it.
  private let namePlaces: [(x: Double, row: Int)?]
  private static let nameHeight = 15.0
  private static let nameWidth = 56.0
  private static let nameRows = 3

  init(curve: RelevanceCurve, events: [KeyEvent], scale: TimeScale, plotHeight: Double = 130) {
    self.curve = curve
    self.events = events
    self.scale = scale
    self.plotHeight = plotHeight
    // Names that would touch go to the row above.
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

  /// The room above the plot that the events' names take.
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
      return SVG.rectangle(x: start, y: y, width: width, height: height, "event")
    }.joined()
  }

  private func names(_ upper: Double) -> String {
    zip(events, namePlaces).map { event, place in
      let peak = scale.x(event.peakSeconds)
      let line = SVG.line(peak, upper, peak, upper + plotHeight, "event-peak")
      guard let place else { return line }
      return SVG.text(
        "event \(event.number)", x: place.x, y: upper - 5 - Double(place.row) * Self.nameHeight,
        "event-name", anchor: "middle") + line
    }.joined()
  }

  /// Lines at the least, the middle and the greatest relevance, with the scorer's
  /// own values.
  private func grid(_ upper: Double) -> String {
    let known = curve.relevance.compactMap { $0 }
    guard let least = known.min(), let greatest = known.max() else {
      return SVG.text(
        "no candidate is scored", x: scale.left + 8, y: upper + plotHeight / 2, "label")
    }
    return [(0.0, least), (1.0, greatest)].map { place, value in
      let y = upper + plotHeight * (1 - place)
      return SVG.line(scale.left, y, scale.right, y, "grid")
        + (place == 1 && least == greatest
          ? ""
          : SVG.text(
            DecimalText.trimmed(value, digits: 3), x: scale.left - 8, y: y + 4, "label",
            anchor: "end"))
    }.joined()
      + SVG.text(
        "relevance", x: scale.left - 8, y: upper + plotHeight / 2 + 4, "label", anchor: "end")
  }

  /// The curve through its candidates, broken at unscored ones, which get a tick
  /// at the bottom. More than two candidates a pixel become the extremes of each.
  private func line(_ upper: Double) -> String {
    let values = curve.normalised()
    let bottom = upper + plotHeight
    var path = ""
    var area = ""
    var ticks = ""
    var run: [(x: Double, y: Double)] = []
    func flush() {
      guard let first = run.first, let last = run.last else { return }
      let points = run.map { "\(SVG.number($0.x)) \(SVG.number($0.y))" }.joined(separator: "L")
      path += "M" + points + (run.count == 1 ? "h0.01" : "")
      area +=
        "M\(SVG.number(first.x)) \(SVG.number(bottom))L" + points
        + "L\(SVG.number(last.x)) \(SVG.number(bottom))Z"
      run = []
    }
    let isDense = Double(curve.count) > 2 * scale.width
    var column = (place: -1, least: 0.0, greatest: 0.0)
    func closeColumn() {
      guard column.place >= 0 else { return }
      run.append((Double(column.place), bottom - plotHeight * column.least))
      run.append((Double(column.place), bottom - plotHeight * column.greatest))
      column.place = -1
    }
    for (seconds, value) in zip(curve.timestamps, values) {
      let x = scale.x(seconds)
      guard let value else {
        closeColumn()
        flush()
        ticks += SVG.line(x, bottom - 5, x, bottom, "unscored")
        continue
      }
      if !isDense {
        run.append((x, bottom - plotHeight * value))
      } else if column.place == Int(x) {
        column.least = min(column.least, value)
        column.greatest = max(column.greatest, value)
      } else {
        closeColumn()
        column = (Int(x), value, value)
      }
    }
    closeColumn()
    flush()
    return
      "<path class=\"area\" d=\"\(area)\"/><path class=\"curve\(curve.count > 300 ? " dense" : "")\" d=\"\(path)\"/>\(ticks)"
  }
}
