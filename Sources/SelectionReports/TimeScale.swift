import Reports

/// Where times of one video stand in a picture, in pixels from its left edge.
struct TimeScale {
  let left: Double
  let width: Double
  let axis: TimeAxis

  /// - Parameter durationSeconds: a video of unknown length is drawn as one second.
  init(left: Double, width: Double, durationSeconds: Double) {
    self.left = left
    self.width = width
    axis = TimeAxis(
      durationSeconds: durationSeconds > 0 ? durationSeconds : 1,
      maximumTicks: max(2, Int(width / 90)))
  }

  var right: Double { left + width }

  /// The place of a time, clipped to the axis.
  func x(_ seconds: Double) -> Double { left + width * axis.percent(seconds) / 100 }

  /// The axis line with ticks and labels, its line at `y`; 20 pixels high.
  func drawing(at y: Double) -> String {
    let line = SVG.line(left, y, right, y, "axis")
    return line
      + axis.ticks.map { seconds in
        let place = x(seconds)
        let anchor = place > right - 14 ? "end" : place < left + 2 ? "start" : "middle"
        return SVG.line(place, y, place, y + 4, "axis")
          + SVG.text(axis.label(seconds), x: place, y: y + 16, "label", anchor: anchor)
      }.joined()
  }
}
