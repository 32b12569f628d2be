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
    public var picks: [Pick]
    /// Why the strategy did not run; nil where it did.
    public var failure: String?
    /// `SpreadObjective`'s value for the set; nil where a chosen frame is unscored.
    public var objective: Double?
    /// The share of the curve's key events with a frame between start and end.
    public var eventRecall: Double?
    /// Of onset, peak and aftermath of every key event, the share that is there.
    public var roleCoverage: Double?
    /// See `SelectionMetrics.nearestSpacing`.
    public var nearestSpacing: Double?
    /// See `SelectionMetrics.visualRedundancy`; nil until vectors are known.
    public var visualRedundancy: Double?
  }

  public let curve: RelevanceCurve
  public let events: [KeyEvent]
  /// How many frames each strategy was asked for.
  public let frames: Int
  public let spread: Double
  public private(set) var rows: [Row]

  /// Runs `strategies` on one curve.
  ///
  /// A strategy that cannot run on this curve gets a row that says why.
  ///
  /// - Parameter vectors: one appearance vector a candidate, for redundancy; nil
  ///   where there are no pictures.
  public init(
    curve: RelevanceCurve, frames: Int, spread: Double,
    strategies: [SelectionStrategy] = SelectionStrategy.allCases, vectors: [[Float]]? = nil
  ) {
    let events = KeyEvent.segment(curve)
    self.curve = curve
    self.events = events
    self.frames = frames
    self.spread = spread
    rows = strategies.map { strategy in
      do {
        let chosen = try strategy.selectKeyEvents(from: curve, count: frames, spread: spread)
        return Self.row(
          strategy, choosing: chosen, of: curve, events: events, spread: spread,
          vectors: vectors)
      } catch {
        return Row(strategy: strategy, picks: [], failure: "\(error)")
      }
    }
  }

  /// The candidates that any strategy chose, ascending.
  public var chosenCandidates: [Int] {
    Set(rows.flatMap { $0.picks.map(\.candidate) }).sorted()
  }

  private static func row(
    _ strategy: SelectionStrategy, choosing chosen: [Int], of curve: RelevanceCurve,
    events: [KeyEvent], spread: Double, vectors: [[Float]]?
  ) -> Row {
    let roles = RoleAssignment.assign(chosen, in: curve, events: events)
    let picks = zip(chosen, roles).map { candidate, assigned in
      Pick(
        candidate: candidate, seconds: curve.timestamps[candidate], role: assigned.role,
        event: assigned.event)
    }
    let times = picks.map(\.seconds)
    return Row(
      strategy: strategy, picks: picks,
      objective: SpreadObjective.value(of: chosen, in: curve, spread: spread),
      eventRecall: share(
        of: events.map { event in
          chosen.contains { (event.firstCandidate...event.lastCandidate).contains($0) }
        }),
      roleCoverage: share(
        of: events.flatMap { event in
          [FrameRole.onset, .peak, .aftermath].map { role in
            picks.contains { $0.event == event.number && $0.role == role }
          }
        }),
      nearestSpacing: SelectionMetrics.nearestSpacing(
        of: times, durationSeconds: curve.durationSeconds),
      visualRedundancy: vectors.flatMap { vectors in
        SelectionMetrics.visualRedundancy(of: chosen.map { vectors[$0] })
      })
  }

  private static func share(of found: [Bool]) -> Double? {
    found.isEmpty ? nil : Double(found.count { $0 }) / Double(found.count)
  }
}

extension SpreadObjective {
  /// The objective's value for a set chosen by whatever strategy; nil where a
  /// chosen candidate is unscored.
  public static func value(
    of chosen: [Int], in curve: RelevanceCurve, spread: Double
  ) -> Double? {
    let relevance = curve.normalised()
    guard chosen.allSatisfy({ relevance[$0] != nil }) else { return nil }
    return SpreadObjective(
      timestamps: curve.timestamps, relevance: relevance.map { $0 ?? 0 },
      durationSeconds: curve.durationSeconds, spread: spread
    ).value(of: chosen)
  }
}
