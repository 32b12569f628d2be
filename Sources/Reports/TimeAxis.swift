import Foundation

/// The ticks and labels of a time axis.
public struct TimeAxis: Sendable, Equatable {
  /// The axis ends here; it starts at 0.
  public let durationSeconds: Double
  /// The distance between two ticks: below ten seconds 1, 2 or 5 times a power of ten,
  /// then round parts of minutes and hours.
  public let stepSeconds: Double

  /// An axis with at most `maximumTicks` steps.
  public init(durationSeconds: Double, maximumTicks: Int = 8) {
    self.durationSeconds = durationSeconds
    let rough = durationSeconds / Double(max(1, maximumTicks))
    let round: [Double] = [
      0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600,
      43200, 86400,
    ]
    if let step = round.first(where: { $0 >= rough }), rough >= 0.01 {
      stepSeconds = step
    } else if rough < 0.01 {
      let power = Foundation.pow(10, Foundation.floor(Foundation.log10(rough)))
      stepSeconds = ([1, 2, 5].map { $0 * power }.first { $0 >= rough }) ?? 10 * power
    } else {
      stepSeconds = 86400 * Foundation.ceil(rough / 86400)
    }
  }

  /// The ticks' times, from 0, in order.
  public var ticks: [Double] {
    let count = Int((durationSeconds / stepSeconds + 1e-9).rounded(.down))
    return (0...max(0, count)).map { Double($0) * stepSeconds }
  }

  /// The place of a time on the axis in percent, clipped to the axis.
  public func percent(_ seconds: Double) -> Double {
    min(100, max(0, 100 * seconds / durationSeconds))
  }

  /// A tick's label: `0:05`, `12:00`, `1:05:00`, or `0.5 s` for steps below a second.
  public func label(_ seconds: Double) -> String {
    stepSeconds < 1
      ? DecimalText.trimmed(seconds, digits: 6) + " s" : Self.clock(seconds.rounded())
  }

  /// A time in text: `m:ss`, `m:ss.t` or `h:mm:ss`.
  public static func clock(_ seconds: Double, tenths: Bool = false) -> String {
    // Damaged files may claim any time.
    let units = Int(min(1e15, (tenths ? 10 : 1) * max(0, seconds)).rounded())
    let whole = tenths ? units / 10 : units
    func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
    let hours = whole / 3600
    var text =
      hours > 0
      ? "\(hours):\(two(whole / 60 % 60)):\(two(whole % 60))" : "\(whole / 60):\(two(whole % 60))"
    if tenths { text += ".\(units % 10)" }
    return text
  }
}

/// A time axis in a picture: over the whole viewport in percent, or over a range of pixels.
package struct TimeScale: Sendable {
  package let axis: TimeAxis
  package let left: Double
  package let width: Double
  private let isInPixels: Bool

  /// An axis over the whole viewport.
  package init(durationSeconds: Double, maximumTicks: Int) {
    axis = TimeAxis(durationSeconds: durationSeconds, maximumTicks: maximumTicks)
    left = 0
    width = 100
    isInPixels = false
  }

  /// An axis of `width` pixels that begins at `left`.
  ///
  /// - Parameter durationSeconds: a video of unknown length is drawn as one second.
  package init(left: Double, width: Double, durationSeconds: Double) {
    axis = TimeAxis(
      durationSeconds: durationSeconds > 0 ? durationSeconds : 1,
      maximumTicks: max(2, Int(width / 90)))
    self.left = left
    self.width = width
    isInPixels = true
  }

  package var right: Double { left + width }

  /// The place of a time in the axis' unit, clipped to the axis.
  package func x(_ seconds: Double) -> Double { left + width * axis.percent(seconds) / 100 }

  /// A place or a distance in the axis' unit.
  package func length(_ value: Double) -> SVG.Length {
    isInPixels ? .pixels(value) : .percent(value)
  }

  /// The axis with its ticks and labels: the line at `y`, 20 pixels high.
  package func drawing(at y: Double) -> String {
    let line = SVG.line(
      "axis", x1: .pixels(left), y1: y, x2: length(right), y2: y)
    return line
      + axis.ticks.enumerated().map { index, seconds in
        let percent = axis.percent(seconds)
        let x = length(x(seconds))
        return "<g class=\"tick\(index % 2 == 1 ? " odd" : "")\">"
          + SVG.line("axis", x1: x, y1: y, x2: x, y2: y + 4)
          + SVG.text(
            axis.label(seconds), "label", x: x, y: y + 17,
            anchor: percent > 97 ? .end : percent < 1 ? .start : .middle) + "</g>"
      }.joined()
  }
}

/// The ticks of an axis of numbers: 1, 2 or 5 times a power of ten apart.
package struct NumberAxis: Equatable {
  /// The axis runs from its first to its last tick.
  package let ticks: [Double]

  /// An axis that covers `range` with at most about `maximumTicks` steps.
  package init(covering range: ClosedRange<Double>, maximumTicks: Int = 4) {
    let (low, high) = (range.lowerBound, range.upperBound)
    // A single value gets an axis around itself.
    let extent = high > low ? high - low : max(abs(high), 1e-12)
    let rough = extent / Double(max(1, maximumTicks))
    let power = pow(10, log10(rough).rounded(.down))
    let step = ([1, 2, 5].map { $0 * power }.first { $0 >= rough * (1 - 1e-9) }) ?? 10 * power
    let first = (low / step + 1e-9).rounded(.down)
    let last = max((high / step - 1e-9).rounded(.up), first + 1)
    ticks = stride(from: first, through: last, by: 1).map { $0 * step }
  }

  /// The place of a value on the axis, 0...1, clipped to the axis.
  package func share(_ value: Double) -> Double {
    guard let first = ticks.first, let last = ticks.last, last > first else { return 0 }
    return min(1, max(0, (value - first) / (last - first)))
  }
}
