import Evaluation
import Foundation
import TestSupport
import Testing

/// Golden/make_metrics.py made the values with scikit-learn.
@Suite struct MetricsGoldenTests {
  struct File: Decodable {
    struct Case: Decodable {
      var name: String
      var scores: [Float]
      var labels: [Int]
      var areaUnderROC: Double
      var averagePrecision: Double
      var precisionRecallTrapezoid: Double
    }
    var cases: [Case]
  }

  func cases() throws -> [File.Case] {
    try JSONDecoder().decode(File.self, from: Data(contentsOf: Golden.url("metrics.json"))).cases
  }

  @Test func `AUC, AP and the trapezoid equal scikit-learn's`() throws {
    let cases = try cases()
    #expect(cases.count == 7)
    for item in cases {
      let groups = ScoreGroups(scores: item.scores, labels: item.labels.map { $0 == 1 })
      let area = try #require(AreaUnderROC.compute(groups))
      let precision = try #require(AveragePrecision.compute(groups))
      let trapezoid = try #require(PrecisionRecallTrapezoid.compute(groups))
      #expect(abs(area - item.areaUnderROC) < 1e-12, "\(item.name)")
      #expect(abs(precision - item.averagePrecision) < 1e-12, "\(item.name)")
      #expect(abs(trapezoid - item.precisionRecallTrapezoid) < 1e-12, "\(item.name)")
    }
  }

  @Test func `the order of the frames does not change one bit`() throws {
    for item in try cases() {
      let forward = ScoreGroups(scores: item.scores, labels: item.labels.map { $0 == 1 })
      let backward = ScoreGroups(
        scores: item.scores.reversed(), labels: item.labels.reversed().map { $0 == 1 })
      #expect(forward == backward)
    }
  }

  @Test func `a constant score has area one half and the prevalence as precision`() throws {
    let groups = ScoreGroups(scores: [3, 3, 3, 3], labels: [true, false, false, false])
    #expect(AreaUnderROC.compute(groups) == 0.5)
    #expect(AveragePrecision.compute(groups) == 0.25)
    #expect(PrecisionRecallTrapezoid.compute(groups) == (1 + 0.25) / 2)
  }

  @Test func `one class alone has no area`() {
    #expect(AreaUnderROC.compute(scores: [1, 2], labels: [true, true]) == nil)
    #expect(AreaUnderROC.compute(scores: [1, 2], labels: [false, false]) == nil)
    #expect(AveragePrecision.compute(scores: [1, 2], labels: [false, false]) == nil)
  }
}
