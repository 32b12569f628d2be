import Detectors
import Foundation
import NeuralNetworks
import Records
import Tensors
import TestSupport
import Testing
import Training

/// A linear score. At weights of 0 every loss is finite, and the gradient is the features' sum
/// times 25, which a feature near the end of single precision takes beyond it. `linear` starts at
/// 1, where such features' sum is the loss.
private final class SteepDetector<Scalar: TensorScalar>: AnomalyDetector {
  struct Configuration: DetectorConfiguration {
    var linear = false
    func validate() throws {}
  }

  static var name: String { "steep" }
  static var title: String { "Steep" }
  static var reference: String { "nobody, nowhere" }
  static var presets: [DetectorPreset<Configuration>] { [.base("small", "linear") { _ in }] }

  private let bias = Variable(Tensor<Scalar>(shape: [1]), requiresGradient: true)
  private let weight: Variable<Scalar>
  private let isLinear: Bool

  init(
    _ configuration: Configuration, inputs: DetectorInputs, labels: LabelEmbeddings<Scalar>,
    generator: inout SeededGenerator
  ) throws {
    isLinear = configuration.linear
    weight = Variable(
      Tensor(shape: [1, inputs.visualWidth], repeating: isLinear ? 1 : 0), requiresGradient: true)
  }

  func callAsFunction(_ x: Variable<Scalar>, lengths: [Int]) -> DetectorOutput<Scalar> {
    DetectorOutput(
      logits: x.linear(weight: weight, bias: bias).reshaped(Array(x.shape.dropLast())))
  }

  func losses(_ batch: DetectorBatch<Scalar>) -> [LossTerm<Scalar>] {
    let logits = self(Variable(batch.features), lengths: batch.lengths).logits
    return [LossTerm("steep", (isLinear ? logits : logits.sigmoid()).sum(), weight: 100)]
  }

  var ownParameters: [(name: String, variable: Variable<Scalar>)] {
    [("bias", bias), ("weight", weight)]
  }
}

@Suite(.blocking) struct DivergenceTests {
  private let videos = SyntheticVideos(count: 8, seed: 1)
  private let settings = TrainingConfiguration(
    epochs: 2, batchSize: 4, learningRate: 1e-3, milestones: [], seed: 3,
    // The first step has rate 0: every video is first seen with the first weights.
    warmupSteps: 3)

  private func steep(_ samples: [TrainingSample], linear: Bool = false) throws
    -> DetectorTrainer
  {
    let family = DetectorFamily(SteepDetector<Float>.self)
    let plan = try family.plan(
      hasBuiltInFeatures: false, sets: ["linear=\(linear)"],
      inputs: DetectorInputs(
        visualWidth: 32, textWidth: 16, labelTextWidth: 8,
        classes: ["normal", "fight", "fire", "fall"]))
    var generator = SeededGenerator(seed: 1)
    let model = try DetectorModel(
      family, configuration: plan.configuration, inputs: plan.inputs,
      labels: .fixed(Tensor(shape: [4, 8])), generator: &generator)
    return try DetectorTrainer(model: model, configuration: settings, samples: samples)
  }

  /// The videos with one whose feature 7 is near the end of single precision, in two snippets.
  private func withLargeFeature(in video: Int) throws -> [TrainingSample] {
    var samples = videos.samples
    samples[video] = try samples[video].changed { ($0[7], $0[39]) = (3e38, 3e38) }
    return samples
  }

  private func divergence(_ body: () throws -> Void) -> Divergence? {
    do {
      try body()
    } catch TrainingError.diverged(let divergence) {
      return divergence
    } catch {
      Issue.record(error)
    }
    return nil
  }

  @Test("a gradient that is not finite is told by parameter and video, and reaches no weight")
  func gradient() throws {
    let trainer = try steep(withLargeFeature(in: 5))
    let folder = try TemporaryFolder()
    let place = DetectorTrainer.Destination(
      folder: folder.url, record: try SmallDetector.record(settings), fingerprint: "f")
    var weights: [Int: [Tensor<Float>]] = [:]
    var steps = 0
    weights[0] = trainer.model.namedParameters.map(\.variable.value)
    let found = try #require(
      divergence {
        _ = try trainer.train(
          destination: place,
          onEvent: {
            guard case .step(let metrics) = $0 else { return }
            steps = metrics.step
            weights[steps] = trainer.model.namedParameters.map(\.variable.value)
          })
      })
    #expect(found.finding == .gradient(parameter: "weight", index: 7))
    #expect(found.step == steps + 1 && found.epoch == 1)
    #expect(found.videos.count == 4 && found.suspects == ["video5"])
    let text = found.description
    for part in [
      "'weight'", "element 7", "epoch 1", "step \(steps + 1)", "1 of the 4 videos",
      "gives that: video5",
      "learningRate", "gradientNormLimit", "step \(steps):",
    ] { #expect(text.contains(part), "\(part) in: \(text)") }
    #expect(trainer.model.namedParameters.map(\.variable.value) == weights[steps])
    #expect(trainer.model.namedParameters.allSatisfy { $0.variable.gradient == nil })
    // Asked again, it stops at the same step: nothing has moved.
    #expect(divergence { _ = try trainer.train(destination: place) } == found)
    #expect(try TrainingState.summary(of: place.state)?.step ?? 0 == steps)
  }

  @Test("a loss that is not finite is told by term and video, and the checkpoint stays")
  func loss() throws {
    let folder = try TemporaryFolder()
    let place = DetectorTrainer.Destination(
      folder: folder.url, record: try SmallDetector.record(settings))
    _ = try steep(videos.samples, linear: true).train(destination: place)
    let before = try Data(contentsOf: place.checkpoint)
    let found = try #require(
      divergence {
        _ = try steep(withLargeFeature(in: 2), linear: true).train(destination: place)
      })
    #expect(found.finding == .loss(term: "steep"))
    #expect(found.suspects == ["video2"] && found.videos.contains("video2"))
    #expect(try Data(contentsOf: place.checkpoint) == before)
  }

  @Test("many videos are shortened, and a batch without one culprit says so")
  func text() {
    let names = (1...9).map { "v\($0)" }
    let found = Divergence(
      epoch: 2, step: 40, finding: .loss(term: "binary"), videos: names, suspects: [])
    #expect(
      "\(TrainingError.diverged(found))"
        == "training: the loss (binary) is not finite in epoch 2, step 40; no video of the batch "
        + "gives that alone (v1, v2, v3, v4, v5 and 4 more); the weights stay those of step 39: "
        + "lower learningRate, or set gradientNormLimit")
  }
}
