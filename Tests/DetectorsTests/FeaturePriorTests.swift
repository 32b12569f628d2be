import Detectors
import Foundation
import NeuralNetworks
import Records
import Tensors
import Testing

@Suite struct FeaturePriorTests {
  private func model(_ columns: [Int]? = [0, 2], sets: [String] = []) throws -> DetectorModel {
    var generator = SeededGenerator(seed: 2)
    var inputs = DetectorInputs(visualWidth: 4, classes: ["a"])
    inputs.priorColumns = columns
    let family = DetectorRegistry.standard.standardFamily
    let plan = try family.plan(
      preset: "no-dbm", hasBuiltInFeatures: true, sets: ["modelWidth=8"] + sets, inputs: inputs)
    let model = try DetectorModel(
      family, configuration: plan.configuration, inputs: plan.inputs,
      labels: .fixed(Tensor(shape: [1, 512])), generator: &generator)
    model.setStandardization(means: [1, 0, 2, 0], deviations: [2, 1, 4, 1])
    return model
  }

  /// Columns 0 and 2 are 2 and 4 times these numbers above their means.
  private let scores: [Float] = [0, 1, 2, -1, 3, 0, 0]

  private func features(_ scores: [Float]) -> Tensor<Float> {
    Tensor(shape: [scores.count, 4], scalars: scores.flatMap { [1 + 2 * $0, 9, 2 + 4 * $0, -9] })
  }

  @Test("an untrained model scores by the columns' mean over five snippets")
  func start() throws {
    let found = try model().scores(features(scores))
    // (0 + 0 + 0 + 1 + 2) / 5, (0 + 0 + 1 + 2 - 1) / 5, ...: beyond the ends the last repeats.
    let expected = ([3, 2, 5, 5, 4, 2, 3] as [Float]).map { 2 * $0 / 5 - 1 }
    #expect(found.logits.count == 7)
    #expect(zip(found.logits, expected).allSatisfy { abs($0 - $1) < 1e-5 })
    #expect(found.prior == found.logits)
    let single = try model().scores(features([3]))
    #expect(abs(single.logits[0] - 5) < 1e-5)
  }

  @Test("padded sequences have the scores that they have alone")
  func padding() throws {
    let model = try model()
    let long = features(scores)
    let short = features([1, -1])
    let (batch, lengths) = model.padded([long, short])
    let losses = model.losses(
      DetectorBatch(
        features: batch, lengths: lengths, targets: Tensor(shape: [2], scalars: [1, 0]),
        classIndices: [[0], [0]]))
    let (first, second) = (try model.scores(long), try model.scores(short))
    // 7 / 4 + 1 and 2 / 4 + 1 of the greatest scores.
    let top = first.anomaly.sorted(by: >).prefix(2).reduce(0, +) / 2
    let other = second.anomaly.max() ?? 0
    let expected = -(log(top) + log(1 - other)) / 2
    #expect(losses.map(\.name) == ["binary"])
    #expect(abs(losses[0].value.item - expected) < 1e-5)
  }

  @Test("noise of the training does not reach it")
  func noise() throws {
    let model = try model()
    let (features, lengths) = model.padded([features(scores)])
    let batch = DetectorBatch(
      features: features, lengths: lengths, targets: Tensor(shape: [1], scalars: [1]),
      classIndices: [[0]])
    var wasAsked = false
    let noisy = model.losses(batch) { features in
      wasAsked = true
      return Tensor(shape: features.shape, repeating: 5)
    }
    #expect(wasAsked && noisy[0].value.item == model.losses(batch)[0].value.item)
  }

  @Test("a share of what was learned lies between both")
  func shares() {
    let scores = DetectorModel.Scores(
      anomaly: [0.5, 0.5], logits: [3, -1], prior: [1, 1], classes: nil)
    #expect(scores.logits(learnedShare: 0) == [1, 1])
    #expect(scores.logits(learnedShare: 0.5) == [2, 0])
    #expect(scores.logits(learnedShare: 1) == [3, -1])
    let without = DetectorModel.Scores(anomaly: [0.5], logits: [3], prior: nil, classes: nil)
    #expect(without.logits(learnedShare: 0) == [3])
  }

  @Test("features without a score, and models that do not take it, have none")
  func absent() throws {
    #expect(try model(nil).scores(features(scores)).prior == nil)
    #expect(try model([]).scores(features(scores)).prior == nil)
    #expect(try model(sets: ["usesPrior=false"]).scores(features(scores)).prior == nil)
    #expect(try model(sets: ["standardizesFeatures=false"]).scores(features(scores)).prior == nil)
    #expect(throws: DetectorError.self) { try model([0, 4]) }
  }
}
