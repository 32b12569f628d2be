import Detectors
import Foundation
import NeuralNetworks
import Records
import Tensors
import TestSupport
import Testing
import Training

@Suite(.blocking) struct DetectorTrainerTests {
  private let videos = SyntheticVideos(count: 24, seed: 1)
  private let quick = TrainingConfiguration(
    epochs: 3, batchSize: 8, learningRate: 1e-3, milestones: [2], seed: 3)

  @Test("both losses fall")
  func learns() throws {
    var configuration = quick
    configuration.epochs = 20
    configuration.milestones = [18]
    let trainer = try DetectorTrainer(
      model: try SmallDetector.model(), configuration: configuration, samples: videos.samples)
    let outcome = try trainer.train()
    #expect(outcome.epochs.count == 20 && !outcome.wasStopped)
    let (first, last) = (try #require(outcome.epochs.first), try #require(outcome.epochs.last))
    #expect(last.binaryLoss < first.binaryLoss * 0.5)
    #expect(try #require(last.descriptionLoss) < (try #require(first.descriptionLoss)) * 0.9)
    #expect(first.learningRate == 1e-3 && abs(last.learningRate - 1e-4) < 1e-12)
  }

  @Test("the same seed gives the same bits, another seed others")
  func deterministic() throws {
    func weights(seed: UInt64) throws -> [Tensor<Float>] {
      var configuration = quick
      configuration.seed = seed
      configuration.inputDropout = 0.1
      let model = try SmallDetector.model()
      _ = try DetectorTrainer(
        model: model, configuration: configuration, samples: videos.samples
      ).train()
      return model.namedParameters.map(\.variable.value)
    }
    let first = try weights(seed: 3)
    #expect(try weights(seed: 3) == first)
    #expect(try weights(seed: 4) != first)
  }

  @Test("a stop between steps leaves a checkpoint that loads, and the metrics of whole epochs")
  func stops() throws {
    let folder = try TemporaryFolder()
    let model = try SmallDetector.model()
    let trainer = try DetectorTrainer(
      model: model, configuration: quick, samples: videos.samples)
    var steps = 0
    let outcome = try trainer.train(
      destination: .init(
        checkpoint: folder.file("a.safetensors"), metrics: folder.file("metrics.jsonl"),
        record: SmallDetector.record(model.configuration, quick)),
      shouldStop: {
        steps += 1
        return steps == 5  // the second step of the second epoch of three steps
      })
    #expect(outcome.wasStopped && outcome.epochs.count == 1)
    let checkpoint = try DetectorCheckpoint(url: folder.file("a.safetensors"))
    #expect(checkpoint.record.epoch == 1 && !checkpoint.record.isComplete)
    let loaded = try checkpoint.model()
    let features = videos.samples[0].features
    #expect(try loaded.anomalyScores(features) == model.anomalyScores(features))
    let lines = try String(contentsOf: folder.file("metrics.jsonl"), encoding: .utf8)
      .split(separator: "\n")
    #expect(lines.count == 1)
    #expect(
      try JSONDecoder().decode(EpochMetrics.self, from: Data(lines[0].utf8)) == outcome.epochs[0])
  }

  @Test("the weights of the best validation epoch are kept, in memory and on disk")
  func selection() throws {
    let folder = try TemporaryFolder()
    var configuration = quick
    configuration.epochs = 6
    configuration.selection = .bestValidation
    let (training, validation) = ValidationSplit.carve(videos.samples, fraction: 0.3, seed: 1)
    let model = try SmallDetector.model()
    var scores: [[Float]] = []
    let trainer = try DetectorTrainer(
      model: model, configuration: configuration, samples: training, validation: validation)
    let outcome = try trainer.train(
      destination: .init(
        checkpoint: folder.file("a.safetensors"),
        record: SmallDetector.record(model.configuration, configuration)),
      onEpoch: { _ in
        scores.append((try? model.anomalyScores(validation[0].features)) ?? [])
      })
    let best = try #require(outcome.epochs.lastIndex { $0.isBest })
    let areas = outcome.epochs.compactMap(\.validationAUC)
    #expect(areas.count == 6 && areas.max() == areas[best])
    #expect(try model.anomalyScores(validation[0].features) == scores[best])
    let checkpoint = try DetectorCheckpoint(url: folder.file("a.safetensors"))
    #expect(checkpoint.record.epoch == best + 1 && checkpoint.record.isComplete)
    #expect(try checkpoint.model().anomalyScores(validation[0].features) == scores[best])
  }

  @Test("features are standardised with the training set's statistics")
  func standardises() throws {
    var samples = videos.samples
    for index in samples.indices {
      samples[index].features.scalars = samples[index].features.scalars.map { $0 * 100 + 700 }
    }
    let model = try SmallDetector.model { $0.standardizesFeatures = true }
    _ = try DetectorTrainer(model: model, configuration: quick, samples: samples)
    let shift = try #require(
      model.namedParameters.first { $0.name == "standardization.shift" }?.variable.value.scalars)
    #expect(shift.allSatisfy { abs($0 - 700) < 60 })
  }

  @Test("one-sided data, bad samples and impossible settings are refused by name")
  func refusals() throws {
    let normal = videos.samples.filter { !$0.isAnomalous }
    func make(
      _ samples: [TrainingSample], _ change: (inout TrainingConfiguration) -> Void = { _ in }
    ) throws {
      var configuration = quick
      change(&configuration)
      _ = try DetectorTrainer(
        model: try SmallDetector.model(), configuration: configuration, samples: samples)
    }
    #expect(throws: TrainingError.oneSidedData(normal: 12, anomalous: 0)) { try make(normal) }
    #expect(throws: TrainingError.noValidation) {
      try make(videos.samples) { $0.selection = .bestValidation }
    }
    #expect(
      throws: TrainingError.badConfiguration(
        key: "batchSize", found: "1", expected: "at least 2: one normal, one anomalous")
    ) { try make(videos.samples) { $0.batchSize = 1 } }
    var samples = videos.samples
    samples[3].description = [1, 2]
    #expect(
      throws: TrainingError.badSample(
        videoID: "video3", reason: "a description embedding of width 2, expected 16")
    ) { try make(samples) }
    samples[3].description = nil
    samples[3].classIndices = [9]
    #expect(
      throws: TrainingError.badSample(
        videoID: "video3", reason: "class index 9, but there are 4 classes")
    ) { try make(samples) }
  }
}
