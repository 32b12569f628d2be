import KeyEvents

/// A video's relevance curve and its annotated intervals, on which strategies are scored.
public struct AnnotatedCurve: Sendable {
  /// The video's id in its data set.
  public let id: String
  public let className: String
  public let curve: RelevanceCurve
  /// The annotated intervals in seconds (`AnnotatedPhases.intervals`).
  public let intervals: [Range<Double>]
  /// The curve's key events, which every strategy needs.
  private let events: [KeyEvent]

  public init(
    id: String, className: String, curve: RelevanceCurve, intervals: [Range<Double>]
  ) {
    self.id = id
    self.className = className
    self.curve = curve
    self.intervals = intervals
    events = KeyEvent.segment(curve)
  }

  /// The score of a strategy on the video.
  ///
  /// - Throws: `KeySelectionError` for settings out of range and for missing embeddings.
  public func score(
    _ strategy: SelectionStrategy, frames: Int,
    parameters: SelectionParameters = SelectionParameters()
  ) throws -> SelectionScore {
    let selection = try CurveSelection(
      of: curve, frames: frames, strategy: strategy, parameters: parameters,
      events: events)
    return score(selection.chosen, strategy: strategy, frames: frames)
  }

  /// The score of a set of candidates on the video.
  public func score(
    _ chosen: [Int], strategy: SelectionStrategy, frames: Int
  ) -> SelectionScore {
    let times = chosen.map { curve.timestamps[$0] }
    let phases = AnnotatedPhases.windows(
      of: intervals, durationSeconds: curve.durationSeconds)
    var values: [SelectionMetric: Double] = [:]
    values[.eventRecall] = SelectionMetrics.recall(of: intervals, by: times)
    values[.onset] = SelectionMetrics.recall(of: phases.map(\.onset), by: times)
    values[.peak] = SelectionMetrics.recall(of: phases.map(\.peak), by: times)
    values[.aftermath] = SelectionMetrics.recall(of: phases.compactMap(\.aftermath), by: times)
    values[.nearestSpacing] = SelectionMetrics.nearestSpacing(
      of: times, durationSeconds: curve.durationSeconds)
    values[.visualRedundancy] = SelectionMetrics.visualRedundancy(of: chosen, in: curve)
    return SelectionScore(
      video: id, className: className, strategy: strategy, frames: frames,
      returned: chosen.count, events: intervals.count, values: values)
  }
}

/// The score of one strategy on one video.
public struct SelectionScore: Sendable, Equatable {
  public var video: String
  public var className: String
  public var strategy: SelectionStrategy
  /// The requested number of frames.
  public var frames: Int
  /// The number of frames that the strategy gave.
  public var returned: Int
  /// The number of annotated intervals.
  public var events: Int
  /// Metrics that the video does not define are missing.
  public var values: [SelectionMetric: Double]
}

/// The three windows of an annotated interval [s, e) in which a frame shows its
/// onset, its peak or its aftermath.
///
/// With length L = e - s and margin m = L/2, at least 1 s and at most 10 s:
///
/// - onset: [s - m, s + L/4), the time before the event and its first quarter;
/// - peak: [s + L/4, e), the rest of the event;
/// - aftermath: [e, e + m), the time after the event.
///
/// Windows are cut at the ends of the video and at the middle of the pause between two
/// intervals. An event that lasts to the end of the video has no aftermath. The windows
/// depend on the annotation alone, not on relevance or a selection. We know of no
/// published definition; this one is ours.
public struct AnnotatedPhases: Sendable, Equatable {
  public var onset: Range<Double>
  public var peak: Range<Double>
  /// nil if the video ends with the event.
  public var aftermath: Range<Double>?

  /// The windows of every interval.
  ///
  /// - Parameters:
  ///   - intervals: half-open, in seconds, ascending, not overlapping, inside the video.
  public static func windows(
    of intervals: [Range<Double>], durationSeconds: Double
  ) -> [AnnotatedPhases] {
    intervals.indices.map { place in
      let (start, end) = (intervals[place].lowerBound, intervals[place].upperBound)
      let length = end - start
      let margin = min(10, max(1, length / 2))
      let before = place > 0 ? (intervals[place - 1].upperBound + start) / 2 : 0
      let after =
        place + 1 < intervals.count
        ? (end + intervals[place + 1].lowerBound) / 2 : durationSeconds
      let from = max(start - margin, before)
      let to = min(end + margin, after)
      return AnnotatedPhases(
        onset: from..<(start + length / 4), peak: (start + length / 4)..<end,
        aftermath: to > end ? end..<to : nil)
    }
  }

  /// The annotated intervals of a video in seconds: frame numbers divided by the frame
  /// rate and cut to the duration. Empty intervals are dropped, overlapping ones joined.
  public static func intervals(
    ofFrames events: [Range<Int>], frameRate: Double, durationSeconds: Double
  ) -> [Range<Double>] {
    var joined: [Range<Double>] = []
    for event in events.sorted(by: { $0.lowerBound < $1.lowerBound }) {
      let start = min(Double(event.lowerBound) / frameRate, durationSeconds)
      let end = min(Double(event.upperBound) / frameRate, durationSeconds)
      guard end > start else { continue }
      if let last = joined.last, last.upperBound >= start {
        joined[joined.count - 1] = last.lowerBound..<max(last.upperBound, end)
      } else {
        joined.append(start..<end)
      }
    }
    return joined
  }
}
