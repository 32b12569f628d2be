import KeyEvents

/// What every strategy chooses from one relevance curve.
public struct StrategyComparison: Sendable {
  /// One chosen candidate and what it shows.
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
    /// In time order; empty where the strategy did not run.
    public var picks: [Pick] = []
    /// Why the strategy did not run; nil where it did.
    public var failure: String?
    /// What the user should know, one line each.
    public var notes: [String] = []
    /// `SpreadObjective`'s value for the set; nil where a chosen frame is unscored.
    public var objective: Double?
    /// The share of the curve's key events with a frame between start and end.
    public var eventRecall: Double?
    /// The share of the stages of all key events that a frame shows.
    public var roleCoverage: Double?
    /// See `SelectionMetrics.nearestSpacing`.
    public var nearestSpacing: Double?
    /// See `SelectionMetrics.visualRedundancy`; nil without embeddings.
    public var visualRedundancy: Double?
  }

  public let curve: RelevanceCurve
  public let events: [KeyEvent]
  /// How many frames each strategy was asked for.
  public let frames: Int
  public let parameters: SelectionParameters
  public let rows: [Row]

  /// Runs `strategies` on one curve. A strategy that cannot run on it gets a row
  /// that says why.
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

  /// The candidates that any strategy chose, ascending.
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
  /// The redundancy of chosen candidates by their embeddings; nil where fewer than
  /// two have one.
  static func visualRedundancy(of chosen: [Int], in curve: RelevanceCurve) -> Double? {
    guard curve.hasEmbeddings else { return nil }
    return visualRedundancy(of: chosen.compactMap { curve.embeddings[$0] })
  }
}
