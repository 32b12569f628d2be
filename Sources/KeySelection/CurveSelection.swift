/// One strategy applied to one curve: the chosen candidates and their roles.
public struct CurveSelection: Sendable, Equatable {
  public let strategy: SelectionStrategy
  /// The parameters that the strategy read, by name.
  public let parameters: [String: Double]
  public let requestedFrames: Int
  /// The chosen candidates, distinct, in time order.
  public let chosen: [Int]
  public let events: [KeyEvent]
  /// One per chosen candidate, in order.
  public let assignments: [RoleAssignment]
  public let rolePlan: RolePlan
  /// Remarks for the user, one line each.
  public let notes: [String]
  /// `SpreadObjective`'s value of the chosen set, for any strategy, so that strategies
  /// can be compared; nil if a chosen candidate is unscored.
  public let objectiveValue: Double?

  /// Chooses exactly min(`frames`, candidates) of the curve's candidates, for every curve
  /// and every strategy except `aksCompat`.
  ///
  /// Unscored candidates are chosen only if the scored ones do not suffice, and then by
  /// coverage: those that leave the most even gaps. `uniform` treats scored and unscored
  /// candidates alike.
  ///
  /// - Parameters:
  ///   - prompts: the prompt behind each candidate's relevance; empty for scorers without
  ///     prompts.
  ///   - events: `KeyEvent.segment(curve)`, if the caller has it already.
  /// - Throws: `KeySelectionError.badSetting` for a parameter out of range,
  ///   `.needsEmbeddings` for a strategy that needs embeddings if the curve has none.
  public init(
    of curve: RelevanceCurve, frames: Int, strategy: SelectionStrategy,
    parameters: SelectionParameters = SelectionParameters(), prompts: [String?] = [],
    events known: [KeyEvent]? = nil
  ) throws {
    guard frames >= 0 else {
      throw KeySelectionError.badSetting(name: "frames", found: "\(frames)", allowed: "0 or more")
    }
    try parameters.validate()
    let rule = strategy.rule
    guard !rule.needsEmbeddings || curve.hasEmbeddings || curve.count == 0 else {
      throw KeySelectionError.needsEmbeddings(strategy: strategy.rawValue)
    }
    let events = known ?? KeyEvent.segment(curve)
    let wanted = min(frames, curve.count)
    let looks = curve.lookNumbers()
    let hasLooks = looks.first != looks.last
    let bindsRoles = strategy == .kess && parameters.spread > 0 && parameters.spread < 1
    let bound = bindsRoles ? RolePlan.bound(by: events, count: wanted, hasLooks: hasLooks) : []
    let places = rule.needsRelevance ? curve.scored : Array(0..<curve.count)
    let problem = SelectionProblem(
      of: curve, looks: looks, places: places, bound: bound, parameters: parameters)

    let chosen: [Int]
    if wanted > places.count, strategy.alwaysGivesCount {
      chosen = Self.completed(places, of: curve, count: wanted)
    } else if wanted == 0 || places.isEmpty {
      chosen = []
    } else {
      // The published rule depends on the number that was requested.
      let count = strategy.alwaysGivesCount ? wanted : frames
      chosen = rule.choose(count, from: problem).map { places[$0] }
    }
    self.strategy = strategy
    self.parameters = strategy.parametersRead(parameters, on: curve, frames: frames)
    requestedFrames = frames
    self.chosen = chosen
    self.events = events
    assignments = RoleAssignment.assign(chosen, in: curve, events: events, prompts: prompts)
    let plan = RolePlan(bound: bound, events: events, chosen: chosen)
    rolePlan = plan
    notes = Self.notes(
      of: plan, mainEvent: RoleDemand.ranked(of: events).first?.event, strategy: strategy,
      chosen: chosen.count, wanted: wanted)
    objectiveValue = Self.value(
      of: chosen, in: curve, looks: looks, spread: parameters.spread)
  }

  /// All scored candidates, and the unscored ones that leave the most even gaps.
  private static func completed(
    _ scored: [Int], of curve: RelevanceCurve, count: Int
  ) -> [Int] {
    SpreadObjective(
      timestamps: curve.timestamps, relevance: [Double](repeating: 0, count: curve.count),
      durationSeconds: curve.durationSeconds, spread: 1
    ).optimum(count: count, windows: scored.map { $0...$0 })
  }

  private static func notes(
    of plan: RolePlan, mainEvent: Int?, strategy: SelectionStrategy, chosen: Int, wanted: Int
  ) -> [String] {
    var notes: [String] = []
    if chosen < wanted {
      notes.append(
        "\(strategy.rawValue) gave \(chosen) of \(wanted) frames, as its published rule does; "
          + "use aks for exactly \(wanted)")
    }
    let missing = plan.missing.filter { $0.event == mainEvent }.map(\.role.rawValue)
    if let mainEvent, !missing.isEmpty {
      notes.append(
        "no frame shows the \(missing.joined(separator: " or the ")) of event \(mainEvent), the "
          + "one with the most mass"
          + (strategy == .kess && wanted < 3 ? ": its three stages take 3 frames" : ""))
    }
    return notes
  }

  private static func value(
    of chosen: [Int], in curve: RelevanceCurve, looks: [Int], spread: Double
  ) -> Double? {
    let relevance = curve.normalised()
    guard chosen.allSatisfy({ relevance[$0] != nil }) else { return nil }
    let scored = curve.scored
    var place = [Int](repeating: 0, count: curve.count)
    for (position, candidate) in scored.enumerated() { place[candidate] = position }
    return SpreadObjective(
      timestamps: scored.map { curve.timestamps[$0] }, relevance: scored.map { relevance[$0] ?? 0 },
      durationSeconds: curve.durationSeconds, spread: spread, looks: scored.map { looks[$0] }
    ).value(of: chosen.map { place[$0] })
  }
}

extension SelectionProblem {
  /// The candidates `places` of a curve. The range of a bound stage begins and ends with
  /// a scored candidate, so it contains a place.
  fileprivate init(
    of curve: RelevanceCurve, looks: [Int], places: [Int], bound: [RoleDemand],
    parameters: SelectionParameters
  ) {
    let relevance = curve.normalised()
    timestamps = places.map { curve.timestamps[$0] }
    self.relevance = places.map { relevance[$0] ?? 0 }
    durationSeconds = curve.durationSeconds
    embeddings = curve.embeddings.isEmpty ? [] : places.map { curve.embeddings[$0] }
    self.looks = places.map { looks[$0] }
    self.parameters = parameters
    windows = bound.map { demand in
      Self.place(
        of: demand.candidates.lowerBound, in: places)...Self.place(
          of: demand.candidates.upperBound, in: places)
    }.sorted { $0.lowerBound < $1.lowerBound }
  }

  /// The place of a candidate in an ascending list of candidates.
  private static func place(of candidate: Int, in places: [Int]) -> Int {
    var low = 0
    var high = places.count - 1
    while low < high {
      let middle = (low + high) / 2
      if places[middle] < candidate { low = middle + 1 } else { high = middle }
    }
    return low
  }
}
