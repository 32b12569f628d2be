import Detectors
import NeuralNetworks
import Records
import Tensors
import Testing

@Suite struct AnomalyScoresTests {
  private func model(maximumSnippets: Int, leaks: Bool = false) throws -> DetectorModel {
    var generator = SeededGenerator(seed: 2)
    let family = DetectorRegistry.standard.standardFamily
    let plan = try family.plan(
      preset: "no-dbm", hasBuiltInFeatures: false,
      sets: [
        "modelWidth=8", "vadclipPaddingLeak=\(leaks)", "maximumSnippets=\(maximumSnippets)",
      ], inputs: DetectorInputs(visualWidth: 4, classes: ["a"]))
    return try DetectorModel(
      family, configuration: plan.configuration, inputs: plan.inputs,
      labels: .fixed(Tensor(shape: [1, 512])), generator: &generator)
  }

  private func features(_ count: Int) -> Tensor<Float> {
    var generator = SeededGenerator(seed: 3)
    return Initialization.normal([count, 4], deviation: 1, generator: &generator)
  }

  @Test("a long video's scores are those of its pieces, one per snippet", arguments: [false, true])
  func pieces(leaks: Bool) throws {
    let model = try model(maximumSnippets: 5, leaks: leaks)
    let features = features(12)
    let scores = try model.scores(features).anomaly
    #expect(scores.count == 12 && scores.allSatisfy { 0...1 ~= $0 })
    let parts = try [0..<5, 5..<10, 10..<12].flatMap {
      try model.scores(features[rows: $0]).anomaly
    }
    #expect(scores == parts)
  }

  @Test("wrong width, no snippet and a NaN are named with the video")
  func errors() throws {
    let model = try model(maximumSnippets: 5)
    #expect(
      throws: DetectorError.wrongFeatureWidth(subject: "v1", found: [2, 3], expectedWidth: 4)
    ) { try model.scores(Tensor(shape: [2, 3]), subject: "v1") }
    #expect(throws: DetectorError.noSnippets(subject: "v1")) {
      try model.scores(Tensor(shape: [0, 4]), subject: "v1")
    }
    var broken = features(3)
    broken.scalars[9] = .nan
    #expect(throws: DetectorError.notFinite(subject: "v1", row: 2)) {
      try model.scores(broken, subject: "v1")
    }
  }
}
