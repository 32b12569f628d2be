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
    func losses(_ name: String) throws -> (Double, Double) {
      (try #require(first.losses[name]), try #require(last.losses[name]))
    }
    let (binary, description) = (try losses("binary"), try losses("description"))
    #expect(binary.1 < binary.0 * 0.5 && description.1 < description.0 * 0.9)
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

  @Test("a stop leaves the last epoch's checkpoint, and a state that continues to the same bits")
  func resumes() throws {
    var configuration = quick
    configuration.inputDropout = 0.2
    configuration.gradientNormLimit = 1
    let folder = try TemporaryFolder()
    func trainer() throws -> DetectorTrainer {
      try DetectorTrainer(
        model: try SmallDetector.model(), configuration: configuration, samples: videos.samples)
    }
    let whole = try trainer()
    let wanted = try whole.train(
      destination: .init(
        folder: folder.file("whole"), record: SmallDetector.record(configuration)))
    // Three steps per epoch: stopped before every step once, in one run after the other.
    let place = DetectorTrainer.Destination(
      folder: folder.file("parts"), record: try SmallDetector.record(configuration),
      fingerprint: "f")
    var parts: [DetectorTrainer] = []
    for stop in 0..<9 {
      let part = try trainer()
      var asked = 0
      let outcome = try part.train(
        destination: place,
        shouldStop: {
          asked += 1
          return asked == 2
        })
      #expect(outcome.wasStopped)
      #expect(try TrainingState.summary(of: place.state)?.step == stop + 1)
      if stop == 3 {
        let checkpoint = try DetectorCheckpoint(url: place.checkpoint)
        #expect(checkpoint.record.epoch == 1 && !checkpoint.record.isComplete)
      }
      parts.append(part)
      if stop == 7 { break }
    }
    let last = try trainer()
    var resumedAt: Int?
    let outcome = try last.train(
      destination: place,
      onEvent: { if case .resumed(let step) = $0 { resumedAt = step } })
    #expect(resumedAt == 8 && !outcome.wasStopped && outcome.epochs.count == 3)
    #expect(
      last.model.namedParameters.map(\.variable.value)
        == whole.model.namedParameters.map(\.variable.value))
    #expect(outcome.epochs.map(\.loss) == wanted.epochs.map(\.loss))
    let steps = (TrainingLog.steps(in: folder.file("whole")), TrainingLog.steps(in: place.folder))
    #expect(steps.0.count == 9 && steps.0.map(\.losses) == steps.1.map(\.losses))
    #expect(steps.1.map(\.step) == Array(1...9))
  }

  @Test("a state of other settings, of another model or damaged is refused with the remedy")
  func foreignStates() throws {
    let folder = try TemporaryFolder()
    func destination(_ fingerprint: String) throws -> DetectorTrainer.Destination {
      .init(
        folder: folder.url, record: try SmallDetector.record(quick), fingerprint: fingerprint)
    }
    func trainer(_ sets: [String] = []) throws -> DetectorTrainer {
      try DetectorTrainer(
        model: try SmallDetector.model(SmallDetector.plan(sets)), configuration: quick,
        samples: videos.samples)
    }
    var asked = 0
    _ = try trainer().train(
      destination: destination("a"),
      shouldStop: {
        asked += 1
        return asked == 3
      })
    func refused(_ body: () throws -> Void) -> Bool {
      do {
        try body()
        return false
      } catch {
        return "\(error)".contains("--fresh")
      }
    }
    #expect(refused { _ = try trainer().train(destination: destination("b")) })
    #expect(
      refused { _ = try trainer(["temporal=gcn"]).train(destination: destination("a")) })
    try Data("no state".utf8).write(to: destination("a").state)
    #expect(throws: (any Error).self) { try trainer().train(destination: destination("a")) }
  }

  @Test("unfinished steps are saved in time, not only when training is asked to stop")
  func savesInTime() throws {
    let folder = try TemporaryFolder()
    let place = DetectorTrainer.Destination(
      folder: folder.url, record: try SmallDetector.record(quick), saveEvery: .zero)
    let trainer = try DetectorTrainer(
      model: try SmallDetector.model(), configuration: quick, samples: videos.samples)
    var saved: [Int] = []
    _ = try trainer.train(
      destination: place,
      onEvent: { event in
        if case .phase(.saving, let step) = event { saved.append(step) }
      })
    #expect(saved == Array(1...8))
    #expect(try TrainingState.summary(of: place.state)?.step == 8)
  }

  @Test("memory is measured without moving a number of the run")
  func memory() throws {
    func weights(measured: Bool) throws -> [Tensor<Float>] {
      let trainer = try DetectorTrainer(
        model: try SmallDetector.model(), configuration: quick, samples: videos.samples)
      if measured { #expect(trainer.estimateMemory() ?? 1 > 0) }
      _ = try trainer.train()
      return trainer.model.namedParameters.map(\.variable.value)
    }
    #expect(try weights(measured: true) == weights(measured: false))
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
      destination: .init(folder: folder.url, record: SmallDetector.record(configuration)),
      onEvent: { event in
        guard case .epoch = event else { return }
        scores.append((try? model.scores(validation[0].features.tensor()).anomaly) ?? [])
      })
    let best = try #require(outcome.epochs.lastIndex { $0.isBest })
    let areas = outcome.epochs.compactMap(\.validationAUC)
    #expect(areas.count == 6 && areas.max() == areas[best])
    #expect(try model.scores(validation[0].features.tensor()).anomaly == scores[best])
    let checkpoint = try DetectorCheckpoint(url: folder.file("checkpoint.safetensors"))
    #expect(checkpoint.record.epoch == best + 1 && checkpoint.record.isComplete)
    #expect(try checkpoint.model().scores(validation[0].features.tensor()).anomaly == scores[best])
  }

  @Test("validation pools as the model does: another divisor gives another loss")
  func validationPooling() throws {
    func loss(_ divisor: Int) throws -> Double? {
      var configuration = quick
      configuration.epochs = 1
      configuration.learningRate = 1e-12  // the weights stay as they are
      let (training, validation) = ValidationSplit.carve(videos.samples, fraction: 0.3, seed: 1)
      let model = try SmallDetector.model(SmallDetector.plan(["topKDivisor=\(divisor)"]))
      return try DetectorTrainer(
        model: model, configuration: configuration, samples: training, validation: validation
      ).train().epochs.last?.validationLoss
    }
    #expect(try loss(16) != loss(2))
  }

  @Test("features are standardised with the training set's statistics")
  func standardises() throws {
    var samples = videos.samples
    for index in samples.indices {
      samples[index] = try samples[index].changed { $0 = $0.map { $0 * 100 + 700 } }
    }
    let model = try SmallDetector.model(SmallDetector.plan(["standardizesFeatures=true"]))
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
      throws: DetectorError.badConfiguration(
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
