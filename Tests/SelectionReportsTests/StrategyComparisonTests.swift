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
    let comparison = StrategyComparison(curve: Self.curve, frames: 3)
    #expect(comparison.rows.map(\.strategy) == SelectionStrategy.allCases)
    let top = try #require(comparison.rows.first { $0.strategy == .topk })
    #expect(top.picks.map(\.candidate) == [10, 11, 12])
    #expect(top.nearestSpacing == 1.0 / 20)
    #expect(top.eventRecall == 1)
    // mean(r) = 0.9; gaps 10, 1, 1, 8 of 20: 0.75·0.9 - 0.25·4·166/400.
    #expect(abs((top.objective ?? 0) - (0.675 - 0.415)) < 1e-9)
  }

  @Test("a strategy that cannot run says why, and the others run")
  func failure() throws {
    let comparison = StrategyComparison(curve: Self.curve, frames: 3)
    let row = try #require(comparison.rows.first { $0.strategy == .facilityLocation })
    #expect(row.failure?.contains("embedding") == true)
    #expect(row.picks.isEmpty)
    #expect(comparison.rows.count { $0.failure == nil } == SelectionStrategy.allCases.count - 1)
  }

  @Test("frames that a published rule leaves out are noted")
  func notes() throws {
    let comparison = StrategyComparison(curve: Self.curve, frames: 16, strategies: [.aksCompat])
    #expect(comparison.rows[0].picks.isEmpty)
    #expect(comparison.rows[0].notes.contains { $0.contains("0 of 16") })
  }

  @Test("stages that no frame shows lower the coverage of roles")
  func coverage() throws {
    let comparison = StrategyComparison(
      curve: Self.curve, frames: 1, strategies: [.uniform, .topk])
    #expect(comparison.events.count == 1)
    let stages = comparison.events.flatMap { [$0.onset, $0.peak, $0.aftermath] }.compactMap { $0 }
    #expect(stages.count == 3)
    #expect(comparison.rows.map { $0.picks.map(\.candidate) } == [[10], [11]])
    #expect(comparison.rows[1].roleCoverage == 1.0 / 3)
    #expect(comparison.rows[1].nearestSpacing == nil)
  }

  @Test("redundancy follows the embeddings of the chosen candidates")
  func redundancy() {
    let curve = RelevanceCurve(
      timestamps: Self.curve.timestamps, relevance: Self.curve.relevance, durationSeconds: 20,
      embeddings: (0..<20).map { $0 == 11 ? [1, 0] : [0, 1] })
    let comparison = StrategyComparison(curve: curve, frames: 3, strategies: [.topk])
    #expect(comparison.rows[0].visualRedundancy == 2.0 / 3)
    #expect(comparison.chosenCandidates == [10, 11, 12])
  }
}
