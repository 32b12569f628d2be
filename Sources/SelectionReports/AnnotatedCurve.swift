import KeyEvents

/// A video's relevance curve and what is annotated in it: all that strategies are
/// scored on.
public struct AnnotatedCurve: Sendable {
  /// The video's id in its data set.
  public let id: String
  public let className: String
  public let curve: RelevanceCurve
  /// The annotated intervals in seconds, see `AnnotatedPhases.intervals`.
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

  /// How well a strategy does on the video.
  ///
  /// - Throws: what the strategy throws: settings out of range, embeddings missing.
  public func score(
    _ strategy: SelectionStrategy, frames: Int,
    parameters: SelectionParameters = SelectionParameters()
  ) throws -> SelectionScore {
    let selection = try CurveSelection(
      of: curve, frames: frames, strategy: strategy, parameters: parameters,
      events: events)
    return score(selection.chosen, strategy: strategy, frames: frames)
  }

  /// How well a set of candidates does on the video.
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

/// How well one strategy does on one video.
public struct SelectionScore: Sendable, Equatable {
  public var video: String
  public var className: String
  public var strategy: SelectionStrategy
  /// How many frames were asked for.
  public var frames: Int
  /// How many the strategy gave.
  public var returned: Int
  /// How many intervals are annotated.
  public var events: Int
  /// What is not defined on the video is missing.
  public var values: [SelectionMetric: Double]
}
