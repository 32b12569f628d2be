/// How frames are chosen from a relevance curve.
public enum SelectionStrategy: String, Codable, Sendable, CaseIterable {
  /// Key Event Selection Strategy: the exact optimum of `SpreadObjective`.
  case kess
  /// The centres of k equal bins of the candidates; relevance is not looked at.
  case uniform
  /// The k most relevant candidates, the earlier of equals.
  case topk

  /// What the strategy maximises, in words.
  public var formula: String {
    switch self {
    case .kess: SpreadObjective.formula
    case .uniform: "candidate floor((j+0.5)*N/k) for j = 0..k-1, the centres of k equal bins"
    case .topk: "sum(r), ties to the earlier frame"
    }
  }

  /// The chosen candidates: exactly min(`count`, candidates) distinct indices in
  /// time order, for every curve.
  ///
  /// Unscored candidates are chosen only when the scored ones do not suffice,
  /// and then by coverage: those that leave the most even gaps.
  ///
  /// - Parameter spread: `SpreadObjective`'s dial in 0...1; `kess` only.
  /// - Throws: `KeyEventError.badSetting` for a count below 0 or a spread
  ///   outside 0...1.
  public func selectKeyEvents(
    from curve: RelevanceCurve, count: Int, spread: Double = 0.5
  ) throws -> [Int] {
    guard count >= 0 else {
      throw KeyEventError.badSetting(name: "frames", found: "\(count)", allowed: "0 or more")
    }
    guard (0...1).contains(spread) else {
      throw KeyEventError.badSetting(name: "spread", found: "\(spread)", allowed: "0 to 1")
    }
    let wanted = min(count, curve.count)
    let scored = curve.scored
    if self != .uniform && wanted > scored.count {
      return Self.completed(scored, of: curve, count: wanted)
    }
    switch self {
    case .uniform:
      // floor((2 j + 1) N / 2 k), without rounding.
      return (0..<wanted).map { (2 * $0 + 1) * curve.count / (2 * wanted) }
    case .topk:
      let values = curve.relevance
      let order = scored.sorted { first, second in
        let (a, b) = (values[first] ?? 0, values[second] ?? 0)
        return a == b ? first < second : a > b
      }
      return order.prefix(wanted).sorted()
    case .kess:
      let relevance = curve.normalised()
      let objective = SpreadObjective(
        timestamps: scored.map { curve.timestamps[$0] },
        relevance: scored.map { relevance[$0] ?? 0 },
        durationSeconds: curve.durationSeconds, spread: spread)
      return objective.optimum(count: wanted).map { scored[$0] }
    }
  }

  /// All scored candidates and the unscored ones that cover best.
  private static func completed(
    _ scored: [Int], of curve: RelevanceCurve, count: Int
  ) -> [Int] {
    SpreadObjective(
      timestamps: curve.timestamps, relevance: [Double](repeating: 0, count: curve.count),
      durationSeconds: curve.durationSeconds, spread: 1
    ).optimum(count: count, required: scored)
  }
}
