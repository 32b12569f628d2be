import Records

/// Intervals of means over videos by resampling whole videos with replacement.
///
/// All means and paired differences of one bootstrap use the same resamples, so
/// that they can be compared.
public struct MeanBootstrap: Sendable {
  /// Which videos each resample holds, as often as they were drawn.
  private let draws: [[Int]]

  /// - Parameters:
  ///   - videos: how many there are.
  public init(videos: Int, resamples: Int = 1000, seed: UInt64 = 0) {
    var generator = SeededGenerator(seed: seed, purpose: "mean over videos")
    draws = (0..<resamples).map { _ in
      (0..<videos).map { _ in Int.random(in: 0..<videos, using: &generator) }
    }
  }

  /// The mean of the videos that have a value; nil where none has.
  public static func mean(_ values: [Double?]) -> Double? {
    let known = values.compactMap { $0 }
    return known.isEmpty ? nil : known.reduce(0, +) / Double(known.count)
  }

  /// The central interval of the mean over the resamples; nil where fewer than
  /// half of them hold a video with a value.
  ///
  /// - Parameter values: one a video, in the order that all calls share.
  public func interval(of values: [Double?], level: Double = 0.95) -> ConfidenceInterval? {
    ConfidenceInterval.percentile(
      of: draws.map { draw in Self.mean(draw.map { values[$0] }) }, level: level)
  }
}

extension ConfidenceInterval {
  /// The central interval of resampled values; nil where fewer than half are defined.
  package static func percentile(of values: [Double?], level: Double) -> ConfidenceInterval? {
    let defined = values.compactMap { $0 }.sorted()
    guard !defined.isEmpty, defined.count * 2 >= values.count else { return nil }
    // Linear interpolation between order statistics, numpy's default percentile.
    func percentile(_ share: Double) -> Double {
      let position = share * Double(defined.count - 1)
      let below = Int(position)
      let above = min(below + 1, defined.count - 1)
      return defined[below] + (defined[above] - defined[below]) * (position - Double(below))
    }
    return ConfidenceInterval(
      lower: percentile((1 - level) / 2), upper: percentile((1 + level) / 2),
      usedResamples: defined.count, resamples: values.count)
  }
}
