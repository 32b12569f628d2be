import Detectors
import NeuralNetworks
import Records
import Tensors
import Testing

@Suite struct AnomalyScoresTests {
  private func model(maximumSnippets: Int, leaks: Bool = false) throws -> DBVAD<Float> {
    var generator = SeededGenerator(seed: 2)
    return try DBVAD(
      configuration: DBVADConfiguration(
        visualWidth: 4, modelWidth: 8, classes: ["a"], usesDBM: false,
        vadclipPaddingLeak: leaks, maximumSnippets: maximumSnippets),
      labels: .fixed(Tensor(shape: [1, 512])), generator: &generator)
  }

  private func features(_ count: Int) -> Tensor<Float> {
    var generator = SeededGenerator(seed: 3)
    return Initialization.normal([count, 4], deviation: 1, generator: &generator)
  }

  @Test("a long video's scores are those of its pieces, one a snippet", arguments: [false, true])
  func pieces(leaks: Bool) throws {
    let model = try model(maximumSnippets: 5, leaks: leaks)
    let features = features(12)
    let scores = try model.anomalyScores(features)
    #expect(scores.count == 12 && scores.allSatisfy { 0...1 ~= $0 })
    let parts = try [0..<5, 5..<10, 10..<12].flatMap {
      try model.anomalyScores(features[rows: $0])
    }
    #expect(scores == parts)
  }

  @Test("wrong width, no snippet and a NaN are named with the video")
  func errors() throws {
    let model = try model(maximumSnippets: 5)
    #expect(
      throws: DetectorError.wrongFeatureWidth(subject: "v1", found: [2, 3], expectedWidth: 4)
    ) { try model.anomalyScores(Tensor(shape: [2, 3]), subject: "v1") }
    #expect(throws: DetectorError.noSnippets(subject: "v1")) {
      try model.anomalyScores(Tensor(shape: [0, 4]), subject: "v1")
    }
    var broken = features(3)
    broken.scalars[9] = .nan
    #expect(throws: DetectorError.notFinite(subject: "v1", row: 2)) {
      try model.anomalyScores(broken, subject: "v1")
    }
  }
}
