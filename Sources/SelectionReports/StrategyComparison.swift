import KeyEvents

/// The choices of all strategies from one relevance curve.
public struct StrategyComparison: Sendable {
  /// One chosen candidate and its role.
  public struct Pick: Codable, Sendable, Equatable {
    public var candidate: Int
    public var seconds: Double
    public var role: FrameRole
    /// The key event's number from 1; nil for context.
    public var event: Int?
  }

  /// One strategy's choice.
  public struct Row: Codable, Sendable, Equatable {
    public var strategy: SelectionStrategy
    /// In time order; empty if the strategy did not run.
    public var picks: [Pick] = []
    /// Why the strategy did not run; nil if it ran.
    public var failure: String?
    /// Remarks for the user, one line each.
    public var notes: [String] = []
    /// `SpreadObjective`'s value of the set; nil if a chosen frame is unscored.
    public var objective: Double?
    /// The share of the curve's key events with a chosen frame between start and end.
    public var eventRecall: Double?
    /// The share of all key events' stages that a chosen frame shows.
    public var roleCoverage: Double?
    /// See `SelectionMetrics.nearestSpacing`.
    public var nearestSpacing: Double?
    /// See `SelectionMetrics.visualRedundancy`; nil without embeddings.
    public var visualRedundancy: Double?
  }

  public let curve: RelevanceCurve
  public let events: [KeyEvent]
  /// The number of frames requested from each strategy.
  public let frames: Int
  public let parameters: SelectionParameters
  public let rows: [Row]

  /// Runs `strategies` on one curve. The row of a strategy that cannot run contains the
  /// reason.
  public init(
    curve: RelevanceCurve, frames: Int, parameters: SelectionParameters = SelectionParameters(),
    strategies: [SelectionStrategy] = SelectionStrategy.allCases
  ) {
    self.curve = curve
    let events = KeyEvent.segment(curve)
    self.events = events
    self.frames = frames
    self.parameters = parameters
    rows = strategies.map { strategy in
      do {
        return Self.row(
          try CurveSelection(
            of: curve, frames: frames, strategy: strategy, parameters: parameters,
            events: events), curve: curve)
      } catch {
        return Row(strategy: strategy, failure: "\(error)")
      }
    }
  }

  /// The candidates chosen by any strategy, ascending.
  public var chosenCandidates: [Int] {
    Set(rows.flatMap { $0.picks.map(\.candidate) }).sorted()
  }

  private static func row(_ selection: CurveSelection, curve: RelevanceCurve) -> Row {
    let chosen = selection.chosen
    let stages = selection.events.flatMap { event in
      [event.onset, event.peak, event.aftermath].compactMap { $0 }
    }
    return Row(
      strategy: selection.strategy,
      picks: zip(chosen, selection.assignments).map { candidate, assigned in
        Pick(
          candidate: candidate, seconds: curve.timestamps[candidate], role: assigned.role,
          event: assigned.event)
      }, notes: selection.notes, objective: selection.objectiveValue,
      eventRecall: share(
        of: selection.events.map { $0.firstCandidate...$0.lastCandidate }, with: chosen),
      roleCoverage: share(of: stages, with: chosen),
      nearestSpacing: SelectionMetrics.nearestSpacing(
        of: chosen.map { curve.timestamps[$0] }, durationSeconds: curve.durationSeconds),
      visualRedundancy: SelectionMetrics.visualRedundancy(of: chosen, in: curve))
  }

  private static func share(of ranges: [ClosedRange<Int>], with chosen: [Int]) -> Double? {
    guard !ranges.isEmpty else { return nil }
    return Double(ranges.count { range in chosen.contains { range.contains($0) } })
      / Double(ranges.count)
  }
}

extension SelectionMetrics {
  /// The redundancy of chosen candidates by their embeddings; nil if fewer than two have
  /// one.
  static func visualRedundancy(of chosen: [Int], in curve: RelevanceCurve) -> Double? {
    guard curve.hasEmbeddings else { return nil }
    return visualRedundancy(of: chosen.compactMap { curve.embeddings[$0] })
  }
}

/// A comparison of strategies as JSON.
public struct ComparisonRecord: Encodable, Sendable {
  /// The format that this version writes.
  public static let currentFormat = 1

  public var format = Self.currentFormat
  /// The path of the video or of the score file.
  public var subject: String
  public var scorer: ScorerIdentity
  /// The number of frames requested from each strategy.
  public var frames: Int
  /// The number of candidates.
  public var candidates: Int
  public var durationSeconds: Double
  /// The parameters of all strategies.
  public var parameters: SelectionParameters
  /// The name of the embeddings behind the visual redundancy; nil without embeddings.
  public var embeddingsBy: String?
  public var events: [KeyEvent]
  public var strategies: [StrategyComparison.Row]
  /// The picture's path.
  public var picture: String

  public init(
    subject: String, scorer: ScorerIdentity, embeddingsBy: String?, picture: String,
    comparison: StrategyComparison
  ) {
    self.subject = subject
    self.scorer = scorer
    frames = comparison.frames
    candidates = comparison.curve.count
    durationSeconds = comparison.curve.durationSeconds
    parameters = comparison.parameters
    self.embeddingsBy = embeddingsBy
    events = comparison.events
    strategies = comparison.rows
    self.picture = picture
  }
}
