import Foundation

/// How much each moment of a video stands out in it by motion and by change of
/// appearance.
///
/// Three figures of `MotionSample` (disordered motion, change that no displacement
/// explains, and how much of the picture differs from the running background) are
/// each set against their own median over the video, compressed as
/// ln(1 + figure / (median + floor)), and added. All are free of camera motion,
/// sensor noise and changes of light as far as `MotionAnalyzer` can tell; a cut
/// counts as nothing new. Mere speed is not among them: on rendered street scenes
/// it points to every car that drives by, and finds events no better than chance.
public enum MotionNovelty {
  /// How many frames a second show enough: a blow is seen, a long video stays quick.
  public static let framesPerSecond = 12.0

  /// The floors are what a quiet street still has.
  private static let figures: [(value: @Sendable (MotionSample) -> Float, floor: Double)] = [
    ({ $0.disorder }, 0.003), ({ $0.unexplained }, 0.1), ({ $0.foregroundArea }, 0.02),
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
