import Detectors
import Foundation
import Records
import Synchronization
import Tensors
import TestSupport
import Testing
import Training

/// Weights chosen on the test set, as VadCLIP's code does: here by made-up figures, three steps an
/// epoch, four epochs.
@Suite(.blocking) struct TestSelectionTests {
  private let videos = SyntheticVideos(count: 24, seed: 1)
  private let configuration: TrainingConfiguration = {
    var configuration = TrainingConfiguration(
      epochs: 4, batchSize: 8, learningRate: 1e-3, milestones: [2], seed: 3)
    configuration.selection = .bestTest
    return configuration
  }()

  /// Gives its figures one after the other, and keeps the weights that it saw.
  private final class Judge: Sendable {
    private let figures: [Double]
    private let seen = Mutex<[[Tensor<Float>]]>([])
    var weights: [[Tensor<Float>]] { seen.withLock { $0 } }

    init(_ figures: [Double]) { self.figures = figures }

    func selection(everySteps: Int?, from first: Int = 0) -> TestSelection {
      TestSelection(measure: "made-up", everySteps: everySteps, digest: "d") { [self] model in
        seen.withLock { seen in
          seen.append(model.namedParameters.map(\.variable.value))
          return figures[first + seen.count - 1]
        }
      }
    }
  }

  private func trainer(_ selection: TestSelection?) throws -> DetectorTrainer {
    try DetectorTrainer(
      model: try SmallDetector.model(), configuration: configuration, samples: videos.samples,
      testSelection: selection)
  }

  private func weights(_ trainer: DetectorTrainer) -> [Tensor<Float>] {
    trainer.model.namedParameters.map(\.variable.value)
  }

  @Test("every two steps of an epoch it is measured, and the first of the best weights stay")
  func stepwise() throws {
    let folder = try TemporaryFolder()
    let judge = Judge([0.4, 0.7, 0.7, 0.6])
    let trainer = try trainer(judge.selection(everySteps: 2))
    let record = try SmallDetector.record(configuration)
    let outcome = try trainer.train(destination: .init(folder: folder.url, record: record))
    let found = try #require(outcome.testSelection)
    #expect(found.scores.map(\.step) == [2, 5, 8, 11])
    #expect(found.chosen?.step == 5 && found.chosen?.score == 0.7)
    #expect(weights(trainer) == judge.weights[1])
    #expect(outcome.epochs.map(\.testScore) == [0.4, 0.7, 0.7, 0.6])
    #expect(outcome.epochs.map(\.isBest) == [true, true, false, false])
    let checkpoint = try DetectorCheckpoint(
      url: folder.file(DetectorTrainer.Destination.checkpointName))
    #expect(checkpoint.record.testSelection == found && checkpoint.record.epoch == 2)
    #expect(try checkpoint.model().namedParameters.map(\.variable.value) == judge.weights[1])
    #expect(found.sentence.contains("chosen on the test set") && found.sentence.contains("step 5"))
  }

  @Test("an epoch begins with the best weights so far; the optimizer's moments go on")
  func resets() throws {
    let folder = try TemporaryFolder()
    let judge = Judge([0.9, 0.1, 0.1, 0.1])
    let record = try SmallDetector.record(configuration)
    let place = DetectorTrainer.Destination(folder: folder.url, record: record)
    var steps = 0
    let stopped = try trainer(judge.selection(everySteps: 2)).train(
      destination: place,
      shouldStop: { steps == 6 },
      onEvent: { if case .step = $0 { steps += 1 } })
    #expect(stopped.wasStopped)
    // After two whole epochs: the weights of step 2, the moments of six steps.
    let file = try SafetensorsFile(url: place.state)
    let model = try SmallDetector.model()
    for (place, parameter) in model.namedParameters.enumerated() {
      #expect(try file.tensor("parameter." + parameter.name) == judge.weights[0][place])
    }
    let state = try #require(file.metadata["kess.training"])
    #expect(state.contains("\"optimizerSteps\":6"))
    // Without a reset the moments are those of other weights from step 4 on, and the same before.
    let moments = try file.tensor("first.0").scalars
    #expect(moments.contains { $0 != 0 })
    // A run whose every measurement is the best is never set back further than its last one.
    let rising = Judge([0.1, 0.2, 0.3, 0.4])
    let up = try trainer(rising.selection(everySteps: 2))
    _ = try up.train()
    #expect(weights(up) == rising.weights[3])
  }

  @Test("once an epoch, at its end; and where an epoch is too short, once at the very end")
  func epochwise() throws {
    let judge = Judge([0.2, 0.5, 0.3, 0.4])
    let trainer = try trainer(judge.selection(everySteps: nil))
    let found = try #require(try trainer.train().testSelection)
    #expect(found.scores.map(\.step) == [3, 6, 9, 12] && weights(trainer) == judge.weights[1])
    let late = Judge([0.3])
    let short = try self.trainer(late.selection(everySteps: 10))
    let once = try #require(try short.train().testSelection)
    #expect(once.scores.map(\.step) == [12] && weights(short) == late.weights[0])
  }

  @Test("interrupted anywhere, it chooses the same weights by the same measurements")
  func resumes() throws {
    let figures = [0.4, 0.7, 0.7, 0.6]
    let whole = try trainer(Judge(figures).selection(everySteps: 2))
    let wanted = try whole.train()
    let folder = try TemporaryFolder()
    let place = DetectorTrainer.Destination(
      folder: folder.url, record: try SmallDetector.record(configuration), fingerprint: "f")
    var measured = 0
    for _ in 0..<11 {
      let judge = Judge(figures)
      var asked = 0
      let part = try trainer(judge.selection(everySteps: 2, from: measured))
      let outcome = try part.train(
        destination: place,
        shouldStop: {
          asked += 1
          return asked == 2
        })
      #expect(outcome.wasStopped)
      measured += judge.weights.count
    }
    let last = try trainer(Judge(figures).selection(everySteps: 2, from: measured))
    let outcome = try last.train(destination: place)
    #expect(outcome.testSelection == wanted.testSelection)
    #expect(outcome.epochs.map(\.isBest) == wanted.epochs.map(\.isBest))
    #expect(weights(last) == weights(whole))
    #expect(try DetectorCheckpoint(url: place.checkpoint).record.epoch == 2)
  }

  @Test("without a reproduction nothing chooses on the test set")
  func refused() throws {
    #expect(throws: TrainingError.noTestSelection) { try trainer(nil) }
  }
}
