import Detectors
import Foundation
import NeuralNetworks
import Records
import Tensors

/// Trains a detector on samples in memory. Belongs to one thread.
public final class DetectorTrainer {
  /// Where a run leaves its files.
  public struct Destination {
    /// Rewritten after every epoch and when training stops.
    public var checkpoint: URL
    /// One `EpochMetrics` a line.
    public var metrics: URL?
    /// What the checkpoint says of itself; epoch and completeness are filled in.
    public var record: CheckpointRecord

    public init(checkpoint: URL, metrics: URL? = nil, record: CheckpointRecord) {
      self.checkpoint = checkpoint
      self.metrics = metrics
      self.record = record
    }
  }

  /// How a training ended.
  public struct Outcome: Sendable {
    public var epochs: [EpochMetrics]
    /// Whether `shouldStop` ended it early.
    public var wasStopped: Bool
  }

  public let configuration: TrainingConfiguration
  public let model: DBVAD<Float>
  private let samples: [TrainingSample]
  private let validation: [TrainingSample]
  private var batches: BalancedBatches
  private var optimizer: AdamW<Float>
  private var dropoutGenerator: SeededGenerator
  private var best: (score: Double, parameters: [String: Tensor<Float>])?

  /// Checks samples and configurations, shortens the features to the model's
  /// length and, where the model standardises, measures means and deviations.
  ///
  /// - Parameters:
  ///   - validation: training videos held out (`ValidationSplit`), for metrics
  ///     and, with `bestValidation`, for choosing the weights.
  /// - Throws: `TrainingError` or `DetectorError` naming the video or the key.
  public init(
    model: DBVAD<Float>, configuration: TrainingConfiguration, samples: [TrainingSample],
    validation: [TrainingSample] = []
  ) throws {
    try configuration.validate()
    for sample in samples + validation { try sample.check(against: model.configuration) }
    guard configuration.selection == .last || !validation.isEmpty else {
      throw TrainingError.noValidation
    }
    self.configuration = configuration
    self.model = model
    self.validation = validation
    self.samples = samples.map { sample in
      var sample = sample
      sample.features = SnippetSequence.shortened(
        sample.features, to: model.configuration.maximumSnippets)
      return sample
    }
    batches = try BalancedBatches(
      samples.map(\.isAnomalous), batchSize: configuration.batchSize, seed: configuration.seed)
    optimizer = AdamW(
      model.namedParameters.map(\.variable), learningRate: configuration.learningRate,
      weightDecay: configuration.weightDecay)
    dropoutGenerator = SeededGenerator(seed: configuration.seed, purpose: "input dropout")
    if model.configuration.standardizesFeatures {
      let statistics = FeatureStatistics(samples.map(\.features))
      model.setStandardization(means: statistics.means, deviations: statistics.deviations)
    }
  }

  /// Trains to the last epoch, or until `shouldStop`, which is asked before every
  /// step. The model then holds the weights to keep.
  ///
  /// The result depends only on model, samples and seed: to the bit under one
  /// `MatrixThreads` setting. OpenBLAS splits its sums differently for one and
  /// for two threads, so that losses then part in the seventh digit.
  ///
  /// - Throws: `TrainingError.diverged` where a loss is not finite; the checkpoint
  ///   of the last finished epoch stays. Errors of writing.
  public func train(
    destination: Destination? = nil, shouldStop: () -> Bool = { false },
    onEpoch: (EpochMetrics) -> Void = { _ in }
  ) throws -> Outcome {
    let schedule = MultiStepSchedule(
      initialRate: configuration.learningRate, milestones: configuration.milestones,
      factor: configuration.milestoneFactor)
    var history: [EpochMetrics] = []
    for epoch in 0..<configuration.epochs {
      optimizer.learningRate = schedule.learningRate(epoch: epoch)
      guard var metrics = try runEpoch(epoch, shouldStop: shouldStop) else {
        restoreBest()
        try save(destination, history, isComplete: false)
        return Outcome(epochs: history, wasStopped: true)
      }
      try measure(&metrics)
      history.append(metrics)
      onEpoch(metrics)
      try save(destination, history, isComplete: epoch + 1 == configuration.epochs)
    }
    restoreBest()
    return Outcome(epochs: history, wasStopped: false)
  }

  /// One pass; nil where it was stopped.
  private func runEpoch(_ epoch: Int, shouldStop: () -> Bool) throws -> EpochMetrics? {
    let clock = ContinuousClock()
    let start = clock.now
    var (loss, binary, description, described) = (0.0, 0.0, 0.0, 0)
    batches.reshuffle()
    for step in 0..<batches.stepsPerEpoch {
      if shouldStop() { return nil }
      let parts = self.step(batch(of: batches.next()))
      guard parts.total.isFinite else {
        throw TrainingError.diverged(epoch: epoch + 1, step: step + 1)
      }
      loss += parts.total
      binary += parts.binary
      if let share = parts.description {
        description += share
        described += 1
      }
    }
    let steps = Double(batches.stepsPerEpoch)
    let elapsed = (clock.now - start).components
    return EpochMetrics(
      epoch: epoch + 1, steps: batches.stepsPerEpoch, learningRate: optimizer.learningRate,
      loss: loss / steps, binaryLoss: binary / steps,
      descriptionLoss: described > 0 ? description / Double(described) : nil, isBest: true,
      seconds: Double(elapsed.seconds) + Double(elapsed.attoseconds) * 1e-18)
  }

  /// Forward, backward and one optimizer step.
  func step(_ batch: DBVADBatch<Float>) -> (total: Double, binary: Double, description: Double?) {
    let losses = model.losses(batch)
    let total = Double(losses.total.item)
    guard total.isFinite else { return (total, total, nil) }
    losses.total.backward()
    if let limit = configuration.gradientNormLimit {
      GradientClipping.clip(model.namedParameters.map(\.variable), maximumNorm: limit)
    }
    optimizer.step()
    return (total, Double(losses.binary.item), losses.description.map { Double($0.item) })
  }

  private func batch(of indices: [Int]) -> DBVADBatch<Float> {
    var batch = DBVADBatch(
      samples: indices.map { samples[$0] }, configuration: model.configuration)
    if configuration.inputDropout > 0 {
      batch.features =
        Variable(batch.features).dropout(
          configuration.inputDropout, generator: &dropoutGenerator
        ).value
    }
    return batch
  }

  /// Adds the validation figures and remembers the best weights.
  private func measure(_ metrics: inout EpochMetrics) throws {
    guard !validation.isEmpty else { return }
    let result = try ValidationResult(model: model, samples: validation)
    metrics.validationLoss = result.loss
    metrics.validationAUC = result.areaUnderROC
    guard configuration.selection == .bestValidation else { return }
    let score = result.areaUnderROC ?? -result.loss
    metrics.isBest = best.map { score > $0.score } ?? true
    if metrics.isBest {
      best = (
        score,
        Dictionary(uniqueKeysWithValues: model.namedParameters.map { ($0.name, $0.variable.value) })
      )
    }
  }

  private func restoreBest() {
    guard let best else { return }
    for (name, variable) in model.namedParameters {
      if let value = best.parameters[name] { variable.assign(value) }
    }
  }

  private func save(_ destination: Destination?, _ history: [EpochMetrics], isComplete: Bool)
    throws
  {
    guard let destination else { return }
    if let metrics = destination.metrics {
      var lines = Data()
      for epoch in history { lines += try JSONRecord.encode(epoch, pretty: false) + [0x0A] }
      try AtomicFile.write(lines, to: metrics)
    }
    // With `bestValidation`, a worse epoch leaves the better weights on disk.
    let isBest = history.last?.isBest ?? true
    guard isBest || isComplete else { return }
    if isComplete { restoreBest() }
    var record = destination.record
    record.epoch = history.last { $0.isBest }?.epoch ?? 0
    record.isComplete = isComplete
    try DetectorCheckpoint.save(model, record: record, to: destination.checkpoint)
  }
}
