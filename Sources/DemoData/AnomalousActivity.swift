import Records

/// When an anomaly begins, is at its worst and ends, in seconds of the clip, and
/// how strong it is, from 0 (hard to see) to 1.
struct AnomalyTiming: Sendable {
  var onset: Float
  var peak: Float
  var end: Float
  var intensity: Float
}

/// An anomaly that can be staged in a scene.
protocol AnomalousActivity: Sendable {
  /// The class, as UCF-Crime writes it.
  static var className: String { get }
  /// Plans the anomaly into the world; gives back when the event proper happens.
  static func stage(_ life: inout NormalActivity, _ timing: AnomalyTiming) -> [ClosedRange<Float>]
}
