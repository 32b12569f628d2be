import Foundation

/// How much each moment of a video stands out in it by motion and by change of
/// appearance.
///
/// Four figures of `MotionSample` (mean speed, speed of the fastest part, abrupt
/// changes of motion, change of appearance against the running background) are
/// each set against their own median over the video, compressed as
/// ln(1 + figure / (median + floor)), and added. All four are free of camera
/// motion, sensor noise and changes of light as far as `MotionAnalyzer` can tell;
/// a cut counts as nothing new.
public enum MotionNovelty {
  /// How many frames a second show enough: a blow is seen, a long video stays quick.
  public static let framesPerSecond = 12.0

  /// The floors are what a quiet street still has.
  private static let figures: [(value: @Sendable (MotionSample) -> Float, floor: Double)] = [
    ({ $0.speed }, 0.004), ({ $0.topSpeed }, 0.05), ({ $0.jerk }, 0.004),
    ({ $0.appearanceChange }, 0.4),
  ]

  /// One number a sample, 0 or more.
  public static func curve(of samples: [MotionSample]) -> [Double] {
    var totals = [Double](repeating: 0, count: samples.count)
    for (value, floor) in figures {
      let values = samples.map { Double(value($0)) }
      let median = values.isEmpty ? 0 : values.sorted()[values.count / 2]
      for place in values.indices { totals[place] += log(1 + values[place] / (median + floor)) }
    }
    return totals
  }
}
