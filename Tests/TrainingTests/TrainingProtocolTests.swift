import Detectors
import Foundation
import NeuralNetworks
import Records
import Tensors
import TestSupport
import Testing
import Training

/// The trainer with other orders of batches, optimizers and rates than the defaults.
@Suite(.blocking) struct TrainingProtocolTests {
  private let videos = SyntheticVideos(count: 24, seed: 1)
  private let quick = TrainingConfiguration(
    epochs: 3, batchSize: 8, learningRate: 1e-3, milestones: [2], seed: 3)

  @Test(
    "a run resumes to the same bits with every order of batches and optimizer",
    arguments: [
      (TrainingConfiguration.Optimizer.sgd, TrainingConfiguration.Batches.shuffled, "largerSide"),
      (.adamw, .shuffled, "largerSide"), (.sgd, .balanced, "smallerSide"),
      (.adamw, .balanced, "order"),
    ])
  func resumesAll(
    optimizer: TrainingConfiguration.Optimizer, batches: TrainingConfiguration.Batches, end: String
  ) throws {
    var configuration = quick
    configuration.optimizer = optimizer
    configuration.batches = batches
    configuration.epochEnd = .init(rawValue: end) ?? .largerSide
    configuration.schedule = .cosine
    configuration.warmupSteps = 2
    configuration.rateFactors = "temporal=0.5"
    let order = end == "order" ? (0..<6).map { step in (0..<5).map { (step * 5 + $0) % 24 } } : nil
    let folder = try TemporaryFolder()
    func trainer() throws -> DetectorTrainer {
      try DetectorTrainer(
        model: try SmallDetector.model(), configuration: configuration, samples: videos.samples,
        order: order)
    }
    let whole = try trainer()
    let wanted = try whole.train()
    let place = DetectorTrainer.Destination(
      folder: folder.url, record: try SmallDetector.record(configuration), fingerprint: "f")
    let part = try trainer()
    var asked = 0
    _ = try part.train(
      destination: place,
      shouldStop: {
        asked += 1
        return asked == 5
      })
    let last = try trainer()
    let outcome = try last.train(destination: place)
    #expect(
      last.model.namedParameters.map(\.variable.value)
        == whole.model.namedParameters.map(\.variable.value))
    #expect(outcome.epochs.map(\.loss) == wanted.epochs.map(\.loss))
    let rates = TrainingLog.steps(in: folder.url).map(\.learningRate)
    #expect(rates[0] == 0 && rates[2] == 1e-3 && rates[3] < 1e-3)
    // A state of another optimizer or order is none of this run.
    asked = 0
    _ = try trainer().train(
      destination: place,
      shouldStop: {
        asked += 1
        return asked == 3
      })
    let state = try Data(contentsOf: place.state)
    let changes: [(inout TrainingConfiguration) -> Void] = [
      { $0.optimizer = $0.optimizer == .sgd ? .adamw : .sgd }, { $0.rateFactors = "none" },
    ]
    for change in changes {
      try state.write(to: place.state)
      var other = configuration
      change(&other)
      #expect(throws: TrainingError.self) {
        try DetectorTrainer(
          model: SmallDetector.model(), configuration: other, samples: videos.samples, order: order
        ).train(destination: place)
      }
    }
  }

  @Test("a state from before there was a choice of optimizer and batches is continued")
  func earlierState() throws {
    let folder = try TemporaryFolder()
    let place = DetectorTrainer.Destination(
      folder: folder.url, record: try SmallDetector.record(quick))
    func trainer() throws -> DetectorTrainer {
      try DetectorTrainer(
        model: try SmallDetector.model(), configuration: quick, samples: videos.samples)
    }
    var asked = 0
    _ = try trainer().train(
      destination: place,
      shouldStop: {
        asked += 1
        return asked == 5
      })
    let file = try SafetensorsFile(url: place.state)
    let text = try #require(file.metadata["kess.training"])
    // As text: JSON numbers of a general reader would round the generators' words.
    let earlier = text.replacing(",\"optimizer\":\"adamw\"", with: "")
      .replacing(",\"rateFactors\":\"none\"", with: "")
    #expect(earlier.count == text.count - 41)
    try Safetensors.write(
      file.names.map { ($0, try file.tensor($0)) }, metadata: ["kess.training": earlier],
      to: place.state)
    let (whole, resumed) = (try trainer(), try trainer())
    _ = try whole.train()
    var resumedAt: Int?
    _ = try resumed.train(
      destination: place, onEvent: { if case .resumed(let step) = $0 { resumedAt = step } })
    #expect(resumedAt == 4)
    #expect(
      resumed.model.namedParameters.map(\.variable.value)
        == whole.model.namedParameters.map(\.variable.value))
  }

  @Test("a given order is trained step by step, and one that does not fit is refused")
  func givenOrder() throws {
    let order = (0..<6).map { step in [step, step + 1, 20] }
    let trainer = try DetectorTrainer(
      model: try SmallDetector.model(), configuration: quick, samples: videos.samples, order: order)
    #expect(trainer.stepCount == 6)
    let folder = try TemporaryFolder()
    _ = try trainer.train(
      destination: .init(folder: folder.url, record: SmallDetector.record(quick)))
    // The first step's loss is that of its batch at the first weights.
    let model = try SmallDetector.model()
    let batch = try model.batch(of: order[0].map { videos.samples[$0] }, usesDescriptions: true)
    #expect(
      TrainingLog.steps(in: folder.url).first?.loss
        == model.losses(batch).total().map { Double($0.item) })
    for (order, part) in [
      ([[0]], "1 steps"), ([[0], [1], []], "no sample in step 3"),
      ([[0], [1], [24]], "sample 24 in step 3"), ([], "0 steps"),
    ] {
      let error = #expect(throws: TrainingError.self) {
        try DetectorTrainer(
          model: SmallDetector.model(), configuration: quick, samples: videos.samples, order: order)
      }
      #expect(error?.description.contains(part) == true)
    }
  }

  @Test("parts of the model learn with their own rates; a name of no part is refused")
  func rateFactors() throws {
    var configuration = quick
    configuration.epochs = 1
    configuration.optimizer = .sgd
    configuration.weightDecay = 0
    configuration.rateFactors = "temporal=0"
    let model = try SmallDetector.model()
    let before = model.namedParameters.map { ($0.name, $0.variable.value) }
    _ = try DetectorTrainer(
      model: model, configuration: configuration, samples: videos.samples
    ).train()
    for ((name, old), new) in zip(before, model.namedParameters.map(\.variable.value)) {
      if name.hasPrefix("temporal.") { #expect(old == new, "\(name)") }
    }
    #expect(before.map(\.1) != model.namedParameters.map(\.variable.value))
    configuration.rateFactors = "temporl=0.1"
    let error = #expect(throws: DetectorError.self) {
      try DetectorTrainer(
        model: SmallDetector.model(), configuration: configuration, samples: videos.samples)
    }
    #expect(error?.description.contains("'rateFactors' is temporl") == true)
    configuration.rateFactors = "none"
    configuration.warmupSteps = 3
    #expect(throws: DetectorError.self) {
      try DetectorTrainer(
        model: SmallDetector.model(), configuration: configuration, samples: videos.samples)
    }
  }
}
