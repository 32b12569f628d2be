import SelectionReports
import Testing

@Suite struct SelectionMetricsTests {
  @Test("spacing is the mean distance to the nearest other frame over the duration")
  func spacing() {
    // Nearest distances of 0, 1, 3, 10 are 1, 1, 2, 7: mean 2.75 of 20 s.
    #expect(
      SelectionMetrics.nearestSpacing(of: [10, 0, 3, 1], durationSeconds: 20) == 2.75 / 20)
    #expect(SelectionMetrics.nearestSpacing(of: [4], durationSeconds: 20) == nil)
    #expect(SelectionMetrics.nearestSpacing(of: [1, 2], durationSeconds: 0) == nil)
  }

  @Test("redundancy is the mean of each frame's greatest cosine with another")
  func redundancy() throws {
    // Cosines: a-b 0.6, a-c 0, b-c 0.8: greatest 0.6, 0.8, 0.8.
    let value = try #require(
      SelectionMetrics.visualRedundancy(of: [[2, 0], [3, 4], [0, 5]]))
    #expect(abs(value - (0.6 + 0.8 + 0.8) / 3) < 1e-12)
    #expect(SelectionMetrics.visualRedundancy(of: [[1, 0]]) == nil)
    #expect(SelectionMetrics.visualRedundancy(of: [[0, 0], [1, 0]]) == 0)
  }

  @Test("recall counts intervals with a chosen time, ends excluded")
  func recall() {
    let intervals = [0.0..<2, 5..<6, 8..<9]
    #expect(SelectionMetrics.recall(of: intervals, by: [1.9, 1.0, 5, 9]) == 2.0 / 3)
    #expect(SelectionMetrics.recall(of: [], by: [1]) == nil)
    #expect(SelectionMetrics.recall(of: intervals, by: []) == 0)
  }
}
