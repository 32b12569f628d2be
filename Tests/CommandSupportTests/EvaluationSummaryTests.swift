import CommandSupport
import Testing

@Suite struct EvaluationSummaryTests {
  private func summary(with: [Double], without: [Double]) -> EvaluationSummary {
    EvaluationSummary(
      dataset: "d", split: "test", videos: 1, frames: 10, positiveFrames: 2,
      runs: with.enumerated().map {
        .init(
          id: "a\($0.offset)", variant: "dbvad", seed: UInt64($0.offset),
          areaUnderROC: $0.element, averagePrecision: nil)
      }
        + without.enumerated().map {
          .init(
            id: "b\($0.offset)", variant: "no-dbm", seed: UInt64($0.offset),
            areaUnderROC: $0.element, averagePrecision: nil)
        })
  }

  @Test func itSaysPlainlyWhetherDescriptionsHelp() {
    #expect(summary(with: [0.9, 0.8], without: [0.8, 0.7]).finding?.contains("they help") == true)
    #expect(
      summary(with: [0.7, 0.7], without: [0.8, 0.75]).finding?.contains("do not help") == true)
    #expect(
      summary(with: [0.9, 0.7], without: [0.8, 0.75]).finding?.contains("no clear effect") == true)
    #expect(
      summary(with: [0.801, 0.802], without: [0.8, 0.8]).finding?.contains("no clear effect")
        == true)
    #expect(summary(with: [0.9], without: []).finding == nil)
  }

  @Test func theSpreadIsTheSampleStandardDeviation() {
    #expect(EvaluationSummary.meanAndSpread([0.8, 0.9, 1.0]) == "0.9000 ± 0.1000")
    #expect(EvaluationSummary.meanAndSpread([0.8]) == "0.8000")
    #expect(EvaluationSummary.meanAndSpread([]) == "not defined")
  }
}
