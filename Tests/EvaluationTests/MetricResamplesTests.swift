import Evaluation
import Records
import Testing

@Suite struct MetricResamplesTests {
  /// Eight videos whose anomalous frames score `lift` higher on average.
  private func run(lift: Float, seed: UInt64) throws -> VideoBootstrap {
    var generator = SeededGenerator(seed: seed)
    return try VideoBootstrap(
      (0..<8).map { index in
        ScoredVideo(
          id: "v\(index)",
          scores: (0..<10).map {
            Float(generator.nextNormal()) + (index % 2 == 0 && $0 > 4 ? lift : 0)
          },
          frameCount: 160, isAnomalous: index % 2 == 0, events: index % 2 == 0 ? [80..<160] : [])
      }, resamples: 400)
  }

  @Test("one pair of runs gives the interval over videos alone")
  func onePair() throws {
    let (a, b) = (try run(lift: 1, seed: 1), try run(lift: 2, seed: 2))
    let metric = AreaUnderROC.compute(_:) as (ScoreGroups) -> Double?
    #expect(
      MetricResamples.pairedDifference([(a.resamples(of: metric), b.resamples(of: metric))])
        == VideoBootstrap.pairedDifference([a], [b], of: metric))
  }

  @Test("seeds that differ widen the interval; a run against itself has none")
  func seeds() throws {
    let metric = AreaUnderROC.compute(_:) as (ScoreGroups) -> Double?
    let first = try (1...3).map { try run(lift: 1, seed: $0).resamples(of: metric) }
    let second = try [0.2, 1.5, 3].enumerated().map {
      try run(lift: $1, seed: UInt64($0 + 11)).resamples(of: metric)
    }
    let wide = try #require(
      MetricResamples.pairedDifference(Array(zip(first, second)).map { ($0.0, $0.1) }))
    let bootstraps = try (
      (1...3).map { try run(lift: 1, seed: $0) },
      [0.2, 1.5, 3].enumerated().map { try run(lift: $1, seed: UInt64($0 + 11)) }
    )
    let videosAlone = try #require(
      VideoBootstrap.pairedDifference(bootstraps.0, bootstraps.1, of: metric))
    #expect(wide.upper - wide.lower > 1.2 * (videosAlone.upper - videosAlone.lower))
    let same = try #require(MetricResamples.pairedDifference(first.map { ($0, $0) }))
    #expect(same.lower == 0 && same.upper == 0)
  }
}
