import Evaluation
import Pipeline
import Records
import Testing

@Suite struct EvaluationSummaryTests {
  /// Ten videos whose events score higher than the rest by a margin.
  private func videos(margin: Float, seed: UInt64) -> [ScoredVideo] {
    var generator = SeededGenerator(seed: seed)
    return (0..<10).map { index in
      let isAnomalous = index % 2 == 0
      return ScoredVideo(
        id: "v\(index)",
        scores: (0..<6).map { step in
          Float(generator.nextUniform()) + (isAnomalous && step == 2 ? margin : 0)
        }, frameCount: 96, classNames: [isAnomalous ? "Fighting" : "Normal"],
        isAnomalous: isAnomalous, events: isAnomalous ? [32..<48] : [])
    }
  }

  /// Two variants; the margin of each seed's scores.
  private func summary(with: [Float], without: [Float], labels: Bool = false) throws
    -> EvaluationSummary
  {
    func runs(_ margins: [Float], variant: String, uses: Bool) throws -> [(
      run: EvaluationSummary.Run, result: EvaluationResult, videos: [ScoredVideo]
    )] {
      try margins.enumerated().map { seed, margin in
        let scored = videos(margin: margin, seed: UInt64(seed))
        return (
          .init(
            id: "\(variant)-\(seed)", variant: variant, label: variant.uppercased(),
            seed: UInt64(seed), usesDescriptions: uses, areaUnderROC: nil, averagePrecision: nil),
          try FrameEvaluation.evaluate(scored, resamples: 0), scored
        )
      }
    }
    return try EvaluationSummary(
      dataset: "d", split: "test",
      evaluated: try runs(with, variant: "dbvad", uses: true)
        + runs(without, variant: "dbvad-no-dbm", uses: labels))
  }

  @Test("it says plainly whether descriptions help, with the interval over videos")
  func finding() throws {
    let helped = try summary(with: [2, 2], without: [0, 0])
    let comparison = try #require(helped.comparisons.first)
    let interval = try #require(comparison.interval)
    #expect(comparison.variant == "dbvad" && comparison.base == "dbvad-no-dbm")
    #expect(interval.lower > 0 && interval.lower <= comparison.difference)
    #expect(comparison.seeds == 2 && comparison.betterSeeds == 2)
    #expect(comparison.sentence.contains("they help here"))
    #expect(comparison.sentence.contains("95% interval over videos +0."))
    #expect(try summary(with: [0, 0], without: [2, 2]).finding?.contains("do not help") == true)
    // Equal scores, one seed each way, or one seed alone prove nothing.
    #expect(
      try summary(with: [1, 1], without: [1, 1]).finding?.contains("no clear effect") == true)
    #expect(
      try summary(with: [2, 0], without: [0, 2]).finding?.contains("no clear effect") == true)
    #expect(try summary(with: [2], without: [0]).finding?.contains("no clear effect") == true)
    #expect(try summary(with: [2], without: []).finding == nil)
  }

  @Test("variants that both have descriptions are compared by their names")
  func others() throws {
    let summary = try summary(with: [0, 0], without: [2, 2], labels: true)
    #expect(summary.finding?.hasPrefix("DBVAD-NO-DBM against DBVAD: the frame AUC") == true)
    #expect(summary.finding?.hasSuffix("better here.") == true)
  }

  @Test("the spread is the sample's standard deviation")
  func spread() {
    #expect(EvaluationSummary.meanAndSpread([0.8, 0.9, 1.0]) == "0.9000 ± 0.1000")
    #expect(EvaluationSummary.meanAndSpread([0.8]) == "0.8000")
    #expect(EvaluationSummary.meanAndSpread([]) == "not defined")
  }
}
