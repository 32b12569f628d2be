import Detectors
import Foundation
import NeuralNetworks
import Records
import Tensors
import TestSupport
import Testing
import Training

@Suite struct DetectorTrainerTests {
  static func model(_ seed: UInt64 = 1, width: Int = 32, usesDBM: Bool = true) throws
    -> DBVAD<Float>
  {
    var generator = SeededGenerator(seed: seed, purpose: "model")
    let configuration = DBVADConfiguration(
      visualWidth: 32, textWidth: 16, labelTextWidth: 8, modelWidth: width,
      classes: ["normal", "fight", "fire", "fall"], usesDBM: usesDBM)
    let labels =
      Initialization.normal([4, 8], deviation: 1, generator: &generator) as Tensor<Float>
    return try DBVAD(configuration: configuration, labels: .fixed(labels), generator: &generator)
  }

  static let quick = TrainingConfiguration(
    epochs: 8, batchSize: 16, learningRate: 1e-3, milestones: [6], seed: 3)

  @Test("both losses fall")
  func learns() throws {
    let training = SyntheticVideos(count: 60, seed: 1)
    let model = try Self.model()
    let trainer = try DetectorTrainer(
      model: model, configuration: Self.quick, samples: training.samples)
    let outcome = try trainer.train()
    #expect(outcome.epochs.count == 8 && !outcome.wasStopped)
    let first = try #require(outcome.epochs.first)
    let last = try #require(outcome.epochs.last)
    #expect(last.binaryLoss < first.binaryLoss * 0.7)
    #expect(try #require(last.descriptionLoss) < (try #require(first.descriptionLoss)))
  }
}
