import Foundation

/// Where the labels of a time axis stand.
public struct TimeAxis: Sendable, Equatable {
  /// The axis ends here; it starts at 0.
  public let durationSeconds: Double
  /// The distance between two ticks: 1, 2 or 5 times a power of ten below ten
  /// seconds, then round parts of minutes and hours.
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

  /// Where a time stands along the axis, in percent, clipped to the axis.
  public func percent(_ seconds: Double) -> Double {
    min(100, max(0, 100 * seconds / durationSeconds))
  }

  /// A tick's label: `0:05`, `12:00`, `1:05:00`, or `0.5 s` where steps are
  /// parts of a second.
  public func label(_ seconds: Double) -> String {
    stepSeconds < 1
      ? DecimalText.trimmed(seconds, digits: 6) + " s" : Self.clock(seconds.rounded())
  }

  /// A time as `m:ss`, `m:ss.t` or `h:mm:ss`, for text.
  public static func clock(_ seconds: Double, tenths: Bool = false) -> String {
    // Damaged files claim any time.
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
