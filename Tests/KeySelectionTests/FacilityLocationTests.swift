import Foundation
import KeySelection
import Records
import Testing

@Suite struct FacilityLocationTests {
  private let looksAndTime = SelectionParameters(
    relevanceWeight: 0.7, coverageWeight: 1.3, timeWeight: 0.4, decaySeconds: 5)

  /// F(S) written out from its definition.
  private func value(
    of set: [Int], in curve: RelevanceCurve, count: Int, _ dials: SelectionParameters
  ) -> Double {
    let relevance = curve.normalised().map { $0 ?? 0 }
    func likeness(_ v: Int, _ j: Int) -> Double {
      var cosine = 0.0
      if let first = curve.embeddings[v], let second = curve.embeddings[j] {
        func product(_ a: [Float], _ b: [Float]) -> Double {
          zip(a, b).reduce(0) { $0 + Double($1.0) * Double($1.1) }
        }
        cosine =
          product(first, second) / (product(first, first) * product(second, second)).squareRoot()
      }
      let distance = abs(curve.timestamps[v] - curve.timestamps[j])
      return (1 - dials.timeWeight) * max(0, cosine)
        + dials.timeWeight * exp(-distance / (dials.decaySeconds ?? 1))
    }
    let coverage = (0..<curve.count).reduce(0.0) { sum, v in
      sum + (set.map { likeness(v, $0) }.max() ?? 0)
    }
    return dials.relevanceWeight * set.reduce(0) { $0 + relevance[$1] } / Double(count)
      + dials.coverageWeight * coverage / Double(curve.count)
  }

  private func random(_ generator: inout SeededGenerator, count: Int) -> RelevanceCurve {
    RelevanceCurve(
      timestamps: (0..<count).map(Double.init),
      relevance: (0..<count).map { _ in generator.nextUniform() },
      durationSeconds: Double(count),
      embeddings: (0..<count).map { place in
        place == 3 ? nil : (0..<4).map { _ in Float(generator.nextNormal()) }
      })
  }

  @Test func `lazy evaluation gives what the greedy rule gives when every gain is computed`()
    throws
  {
    var generator = SeededGenerator(seed: 31)
    for _ in 0..<20 {
      let some = random(&generator, count: 30)
      var greedy: [Int] = []
      for _ in 0..<6 {
        let rest = (0..<some.count).filter { !greedy.contains($0) }
        let best = rest.max {
          value(of: greedy + [$0], in: some, count: 6, looksAndTime)
            < value(of: greedy + [$1], in: some, count: 6, looksAndTime)
        }
        greedy.append(try #require(best))
      }
      let selection = try CurveSelection(
        of: some, frames: 6, strategy: .facilityLocation, parameters: looksAndTime)
      #expect(selection.chosen == greedy.sorted())
    }
  }

  @Test func `reaches at least 63 percent of the best set's value`() throws {
    var generator = SeededGenerator(seed: 32)
    for _ in 0..<10 {
      let some = random(&generator, count: 10)
      let best = (0..<(1 << 10)).lazy.filter { $0.nonzeroBitCount == 3 }.map { mask in
        let set = (0..<10).filter { mask & (1 << $0) != 0 }
        return value(of: set, in: some, count: 3, looksAndTime)
      }.max()
      let selection = try CurveSelection(
        of: some, frames: 3, strategy: .facilityLocation, parameters: looksAndTime)
      let reached = value(of: selection.chosen, in: some, count: 3, looksAndTime)
      #expect(reached >= 0.63 * (try #require(best)))
    }
  }

  @Test func `three looks and three frames: one of each`() throws {
    let looks: [[Float]] = [[1, 0, 0], [0, 1, 0], [0, 0, 1]]
    let some = RelevanceCurve(
      timestamps: (0..<12).map(Double.init), relevance: [Double?](repeating: 1, count: 12),
      durationSeconds: 12, embeddings: [0, 0, 0, 0, 0, 0, 0, 1, 1, 2, 2, 2].map { looks[$0] })
    let selection = try CurveSelection(
      of: some, frames: 3, strategy: .facilityLocation,
      parameters: SelectionParameters(timeWeight: 0))
    #expect(selection.chosen == [0, 7, 9])
  }
}
