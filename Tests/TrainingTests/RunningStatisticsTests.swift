import Detectors
import Foundation
import NeuralNetworks
import Records
import Tensors
import TestSupport
import Testing
import Training

/// A model with batch normalisation through the trainer: its running statistics are kept,
/// resumed, measured around and used like weights, and no gradient moves them.
@Suite(.blocking) struct RunningStatisticsTests {
  private let videos = SyntheticVideos(count: 24, seed: 1)
  private let quick = TrainingConfiguration(
    epochs: 3, batchSize: 8, learningRate: 1e-3, milestones: [2], seed: 3)
  /// A step of every batch, by the name of the counter.
  private static let counter = "gam.spatial_attention.1.num_batches_tracked"

  private func plan(_ sets: [String] = []) throws -> DetectorPlan {
    try SmallDetector.plan(
      ["transformerLayers=1", "maximumSnippets=16"] + sets,
      family: DetectorRegistry.standard.family("clipfusion"))
  }

  private func trainer(
    _ sets: [String] = [], _ configuration: TrainingConfiguration? = nil,
    samples: [TrainingSample]? = nil, validation: [TrainingSample] = []
  ) throws -> DetectorTrainer {
    try DetectorTrainer(
      model: SmallDetector.model(plan(sets)), configuration: configuration ?? quick,
      samples: samples ?? videos.samples, validation: validation)
  }

  private func buffers(_ model: DetectorModel) -> [String: [Float]] {
    Dictionary(
      uniqueKeysWithValues: model.namedBuffers.map { ($0.name, $0.buffer.value.scalars) })
  }

  private func numbers(_ model: DetectorModel) -> [Tensor<Float>] {
    model.namedTensors.map(\.tensor)
  }

  @Test(
    "each step moves them once, and a run that is stopped before any step resumes to the same bits",
    arguments: DetectorEngine.allCases)
  func resumes(engine: DetectorEngine) throws {
    var configuration = quick
    configuration.engine = engine
    configuration.inputDropout = 0.2
    let whole = try trainer([], configuration)
    let start = buffers(whole.model)
    _ = try whole.train()
    #expect(buffers(whole.model)[Self.counter] == [9])
    #expect(start.allSatisfy { buffers(whole.model)[$0.key] != $0.value })
    let folder = try TemporaryFolder()
    let place = DetectorTrainer.Destination(
      folder: folder.url, record: try SmallDetector.record(configuration, plan: plan()),
      fingerprint: "f")
    var last: DetectorTrainer?
    for _ in 0..<9 {
      let part = try trainer([], configuration)
      // A trial step of a run that goes on must not count either.
      _ = part.estimateMemory()
      var asked = 0
      _ = try part.train(
        destination: place,
        shouldStop: {
          asked += 1
          return asked == 2
        })
      last = part
    }
    let end = try #require(last)
    #expect(numbers(end.model) == numbers(whole.model))

    // What is on disk scores as what is in memory, by the running statistics.
    let features = try videos.samples[3].features.tensor()
    let loaded = try DetectorCheckpoint(url: place.checkpoint).model()
    #expect(try loaded.scores(features) == end.model.scores(features))
    let variance = try #require(loaded.namedBuffers.first { $0.name.hasSuffix("1.running_var") })
    variance.buffer.assign(Tensor(shape: variance.buffer.value.shape, repeating: 50))
    #expect(try loaded.scores(features) != end.model.scores(features))
    #expect(loaded.namedBuffers.allSatisfy { $0.buffer.staged == nil })
  }

  @Test("a measured step leaves them, and the run, as they were")
  func measured() throws {
    let (one, other) = (try trainer(), try trainer())
    let start = buffers(one.model)
    #expect(one.estimateMemory() ?? 1 > 0)
    #expect(buffers(one.model) == start)
    one.model.discardStagedBuffers()
    _ = try one.train()
    _ = try other.train()
    #expect(numbers(one.model) == numbers(other.model))
  }

  @Test("the best epoch on held-out videos brings its running statistics back")
  func selection() throws {
    let folder = try TemporaryFolder()
    var configuration = quick
    configuration.epochs = 6
    configuration.selection = .bestValidation
    let (training, validation) = ValidationSplit.carve(videos.samples, fraction: 0.3, seed: 1)
    let trainer = try trainer([], configuration, samples: training, validation: validation)
    var states: [[Tensor<Float>]] = []
    let outcome = try trainer.train(
      destination: .init(
        folder: folder.url, record: try SmallDetector.record(configuration, plan: plan())),
      onEvent: { if case .epoch = $0 { states.append(numbers(trainer.model)) } })
    let best = try #require(outcome.epochs.lastIndex { $0.isBest })
    #expect(best < 5, "the last epoch is the best: nothing is shown")
    #expect(numbers(trainer.model) == states[best] && numbers(trainer.model) != states[5])
    let loaded = try DetectorCheckpoint(url: folder.file("checkpoint.safetensors")).model()
    #expect(numbers(loaded) == states[best])
  }

  @Test("from the step of an epoch that the setting names on, they stay")
  func evaluationMode() throws {
    let run = try trainer(["batchNormEvalAfter=2"])
    var counts: [[Float]?] = []
    _ = try run.train(
      onEvent: { if case .step = $0 { counts.append(buffers(run.model)[Self.counter]) } })
    #expect(counts == [[1], [2], [2], [3], [4], [4], [5], [6], [6]])
  }

  @Test("a step that fails leaves them as they were")
  func divergence() throws {
    var samples = videos.samples
    samples[5] = try samples[5].changed { numbers in
      for index in 0..<32 { numbers[index] = index % 2 == 0 ? 3e38 : -3e38 }
    }
    let run = try trainer(samples: samples)
    var before = buffers(run.model)
    #expect(throws: TrainingError.self) {
      _ = try run.train(onEvent: { if case .step = $0 { before = buffers(run.model) } })
    }
    #expect(buffers(run.model) == before)
  }

  @Test("a checkpoint or a state without them is refused by name")
  func missing() throws {
    let folder = try TemporaryFolder()
    let place = DetectorTrainer.Destination(
      folder: folder.url, record: try SmallDetector.record(quick, plan: plan()))
    var asked = 0
    _ = try trainer().train(
      destination: place,
      shouldStop: {
        asked += 1
        return asked == 5
      })
    func rewrite(_ url: URL, without name: String) throws {
      let file = try SafetensorsFile(url: url)
      let tensors = try file.names.filter { $0 != name }.map { ($0, try file.tensor($0)) }
      #expect(tensors.count == file.names.count - 1)
      try Safetensors.write(tensors, metadata: file.metadata, to: url)
    }
    try rewrite(place.checkpoint, without: Self.counter)
    #expect(
      throws: TrainingError.missingTensor(
        path: place.checkpoint.path, name: Self.counter, expected: [])
    ) { try DetectorCheckpoint(url: place.checkpoint) }
    try rewrite(place.state, without: "buffer." + Self.counter)
    #expect(throws: TrainingError.self) { try trainer().train(destination: place) }
  }

  @Test("PyTorch's state_dict is read: it counts batches in a 64-bit integer")
  func integerCounter() throws {
    let folder = try TemporaryFolder()
    let model = try SmallDetector.model(plan())
    // Our writer makes no integer without extents: the header by hand.
    var header: [String: Any] = [:]
    var data = Data()
    for (name, tensor) in model.namedTensors {
      let start = data.count
      if tensor.shape.isEmpty {
        data.append(contentsOf: withUnsafeBytes(of: Int64(1250)) { Array($0) })
      } else {
        data.append(contentsOf: tensor.scalars.withUnsafeBytes { Array($0) })
      }
      header[name] = [
        "dtype": tensor.shape.isEmpty ? "I64" : "F32", "shape": tensor.shape,
        "data_offsets": [start, data.count],
      ]
    }
    var text = try JSONSerialization.data(withJSONObject: header)
    text.append(contentsOf: Array(repeating: 0x20, count: (8 - text.count % 8) % 8))
    try (withUnsafeBytes(of: UInt64(text.count).littleEndian) { Data($0) } + text + data)
      .write(to: folder.file("w.safetensors"))
    var generator = SeededGenerator(seed: 5)
    func random(_ shape: [Int]) -> Tensor<Float> {
      Initialization.normal(shape, deviation: 1, generator: &generator)
    }
    try Safetensors.write(
      [
        ("features", random([2, 16, 32])), ("lengths", Tensor(shape: [2], scalars: [16, 9])),
        ("labels", Tensor(shape: [2, 4], scalars: [1, 0, 0, 0, 0, 0, 1, 0])),
        ("class_embeddings", random([4, 8])),
      ], to: folder.file("b.safetensors"))
    let step = try SingleStep(
      family: DetectorRegistry.standard.family("clipfusion"), preset: "",
      sets: ["modelWidth=16", "transformerLayers=1"], batch: folder.file("b.safetensors"),
      weights: folder.file("w.safetensors"), seed: 1)
    #expect(buffers(step.model)[Self.counter] == [1250])
    let results = try step.run()
    #expect(results.first { $0.name == "buffer." + Self.counter }?.tensor.scalars == [1251])
    #expect(buffers(step.model)[Self.counter] == [1250])
    _ = try step.curve(order: [[0, 1], [1, 0]])
    #expect(buffers(step.model)[Self.counter] == [1252])
  }
}
