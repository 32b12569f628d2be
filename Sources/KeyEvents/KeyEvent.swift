/// A stretch of a video in which relevance stands out.
public struct KeyEvent: Codable, Sendable, Equatable {
  /// The event's number, from 1 in time order.
  public var number: Int
  /// The first and the last candidate of the event, as indices into the curve.
  public var firstCandidate: Int
  public var lastCandidate: Int
  /// The most relevant candidate, the earliest of equals.
  public var peakCandidate: Int
  public var startSeconds: Double
  public var endSeconds: Double
  public var peakSeconds: Double
  /// The sum of the event's normalised relevance above the curve's resting level.
  public var mass: Double

  /// The events of a curve: it is cut into stretches of constant level
  /// (`RelevanceSegmentation`); those whose level is above the resting level
  /// (the 20th percentile of the normalised curve) by more than 0.2 and by more
  /// than three times the noise are events, neighbours being one event.
  public static func segment(_ curve: RelevanceCurve) -> [KeyEvent] {
    let scored = curve.scored
    let values = curve.normalised().compactMap { $0 }
    guard let greatest = values.max(), greatest > 0 else { return [] }
    let segmentation = RelevanceSegmentation(values: values)
    let resting = values.sorted()[values.count / 5]
    let threshold = resting + min(0.5, max(0.2, 3 * segmentation.noise))

    var events: [KeyEvent] = []
    var last: Range<Int>?
    for segment in segmentation.segments where segment.level > threshold {
      var range = segment.range
      if let open = last, open.upperBound == range.lowerBound {
        range = open.lowerBound..<range.upperBound
        events.removeLast()
      }
      last = range
      let peak = range.max { values[$0] < values[$1] || (values[$0] == values[$1] && $0 > $1) }
      let places = (scored[range.lowerBound], scored[range.upperBound - 1])
      let top = scored[peak ?? range.lowerBound]
      events.append(
        KeyEvent(
          number: events.count + 1, firstCandidate: places.0, lastCandidate: places.1,
          peakCandidate: top, startSeconds: curve.timestamps[places.0],
          endSeconds: curve.timestamps[places.1], peakSeconds: curve.timestamps[top],
          mass: range.reduce(0) { $0 + max(0, values[$1] - resting) }))
    }
    return events
  }
}
