import KeyEvents
import SelectionReports
import Testing

@Suite struct StrategyComparisonTests {
  /// 20 candidates at 1 s with one event at candidates 10 to 12.
  static let curve = RelevanceCurve(
    timestamps: (0..<20).map(Double.init),
    relevance: (0..<20).map { [10: 0.8, 11: 1, 12: 0.9][$0] ?? 0.01 * Double($0 % 2) },
    durationSeconds: 20)

  @Test("every strategy chooses from the same curve, and objectives can be compared")
  func strategies() throws {
    let comparison = StrategyComparison(curve: Self.curve, frames: 3, spread: 0.5)
    #expect(comparison.rows.map(\.strategy) == SelectionStrategy.allCases)
    let top = try #require(comparison.rows.first { $0.strategy == .topk })
    #expect(top.picks.map(\.candidate) == [10, 11, 12])
    #expect(top.nearestSpacing == 1.0 / 20)
    #expect(top.eventRecall == 1)
    // mean(r) = 0.9; gaps 10, 1, 1, 8 of 20: 0.5·0.9 - 0.5·4·166/400.
    #expect(abs((top.objective ?? 0) - (0.45 - 0.83)) < 1e-9)
    let best = comparison.rows.compactMap(\.objective).max()
    #expect(comparison.rows.first { $0.strategy == .kess }?.objective == best)
  }

  @Test("events that no frame shows are counted as missed")
  func missed() throws {
    let comparison = StrategyComparison(
      curve: Self.curve, frames: 1, spread: 1, strategies: [.uniform, .topk])
    #expect(comparison.events.count == 1)
    // One frame: uniform takes the centre, candidate 10, inside the event.
    #expect(comparison.rows.map { $0.picks.map(\.candidate) } == [[10], [11]])
    #expect(comparison.rows[1].roleCoverage == 1.0 / 3)
    #expect(comparison.rows[1].nearestSpacing == nil)
  }

  @Test("redundancy follows the vectors of the chosen candidates")
  func redundancy() {
    let vectors = (0..<20).map { [Float($0 == 11 ? 1 : 0), Float($0 == 11 ? 0 : 1)] }
    let comparison = StrategyComparison(
      curve: Self.curve, frames: 3, spread: 0, strategies: [.topk], vectors: vectors)
    #expect(comparison.rows[0].visualRedundancy == 2.0 / 3)
    #expect(comparison.chosenCandidates == [10, 11, 12])
  }
}
