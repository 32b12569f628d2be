import Detectors
import Foundation
import NeuralNetworks
import Records
import Tensors

/// What a training reports while it runs.
public enum TrainingEvent: Sendable {
  /// What the step under way does.
  public enum Phase: String, Sendable {
    case forward = "forward pass"
    case backward = "backward pass"
    case update = "update"
    case validation
    case saving
  }

  /// A run goes on where an earlier one stopped; `step` steps are done.
  case resumed(step: Int)
  case phase(Phase, step: Int)
  case step(StepMetrics)
  case epoch(EpochMetrics)
}

/// Trains a detector of any family on samples in memory. Belongs to one thread.
public final class DetectorTrainer {
  /// Where a run leaves its files.
  public struct Destination {
    /// The run's folder: `checkpoint.safetensors` is rewritten after every epoch,
    /// `state.safetensors` while the run is unfinished.
    public var folder: URL
    /// What the checkpoint contains of the run; epoch and completeness are filled in.
    public var record: CheckpointRecord
    /// Names settings and data: a saved state with another fingerprint is an error.
    public var fingerprint: String
    /// How long finished steps wait for a save.
    public var saveEvery: Duration
    /// The matrix threads of the run, for one that resumes it.
    public var threads: Int

    public init(
      folder: URL, record: CheckpointRecord, fingerprint: String = "",
      saveEvery: Duration = .seconds(300), threads: Int = MatrixThreads.count
    ) {
      self.folder = folder
      self.record = record
      self.fingerprint = fingerprint
      self.saveEvery = saveEvery
      self.threads = threads
    }

    public static let checkpointName = "checkpoint.safetensors"
    public static let stateName = "state.safetensors"

    public var checkpoint: URL { folder.appendingPathComponent(Self.checkpointName) }
    public var state: URL { folder.appendingPathComponent(Self.stateName) }
  }

  /// How a training ended.
  public struct Outcome: Sendable {
    public var epochs: [EpochMetrics]
    /// Whether `shouldStop` ended it early; the state on disk then continues it.
    public var wasStopped: Bool
    /// Wall time of the steps and epochs, those before an interruption included.
    public var seconds: Double
  }

  public let configuration: TrainingConfiguration
  public let model: DetectorModel
  /// Steps of the whole training.
  public var stepCount: Int { batches.stepsPerEpoch * configuration.epochs }
  private let usesDescriptions: Bool
  private let samples: [TrainingSample]
  private let validation: [TrainingSample]
  private var batches: BalancedBatches
  private var optimizer: AdamW<Float>
  private var dropoutGenerator: SeededGenerator
  private var best: (score: Double, parameters: [String: Tensor<Float>])?

  // Where the training is; a saved state holds the same.
  private var epoch = 0
  private var stepInEpoch = 0
  private var sums = EpochSums()
  private var history: [EpochMetrics] = []
  private var step: Int { epoch * batches.stepsPerEpoch + stepInEpoch }

  /// Checks samples and configurations, shortens the features to the model's
  /// length and, where the model standardises, measures means and deviations.
  ///
  /// - Parameters:
  ///   - usesDescriptions: whether batches carry the samples' descriptions.
  ///   - validation: training videos held out (`ValidationSplit`), for metrics
  ///     and, with `bestValidation`, for choosing the weights.
  /// - Throws: `TrainingError` or `DetectorError` naming the video or the key.
  public init(
    model: DetectorModel, configuration: TrainingConfiguration, usesDescriptions: Bool = true,
    samples: [TrainingSample], validation: [TrainingSample] = []
  ) throws {
    try configuration.validate()
    for sample in samples + validation { try sample.check(against: model.inputs) }
    guard configuration.selection == .last || !validation.isEmpty else {
      throw TrainingError.noValidation
    }
    self.configuration = configuration
    self.model = model
    self.usesDescriptions = usesDescriptions
    self.validation = validation
    self.samples = samples.map { sample in
      var sample = sample
      sample.features = SnippetSequence.shortened(
        sample.features, to: model.inputs.maximumSnippets)
      return sample
    }
    batches = try BalancedBatches(
      samples.map(\.isAnomalous), batchSize: configuration.batchSize, seed: configuration.seed)
    optimizer = AdamW(
      model.namedParameters.map(\.variable), learningRate: configuration.learningRate,
      weightDecay: configuration.weightDecay)
    dropoutGenerator = SeededGenerator(seed: configuration.seed, purpose: "input dropout")
    if model.inputs.standardizesFeatures {
      let statistics = FeatureStatistics(samples.map(\.features))
      model.setStandardization(means: statistics.means, deviations: statistics.deviations)
    }
  }

  /// The bytes that a run of this trainer adds to the process, by a measured forward and
  /// backward pass over a few videos; nil where the system does not report peaks. No number
  /// of the model or the run changes.
  package func estimateMemory() -> Int? {
    StepMemory.measure(
      model, samples: samples, batchSize: min(configuration.batchSize, samples.count),
      usesDescriptions: usesDescriptions)
  }

  /// Trains to the last epoch, or until `shouldStop`, which is asked before every step.
  /// The model then holds the weights to keep.
  ///
  /// With a destination, a state that an interrupted run left there is continued. The
  /// result depends only on model, samples and seed, however often it was interrupted: to
  /// the bit under one `MatrixThreads` setting. OpenBLAS splits its sums differently for
  /// one and for two threads, so that losses then part in the seventh digit.
  ///
  /// - Throws: `TrainingError.diverged` where a loss is not finite; the checkpoint
  ///   of the last finished epoch stays. `TrainingError.damagedState`. Errors of writing.
  public func train(
    destination: Destination? = nil, shouldStop: () -> Bool = { false },
    onEvent: (TrainingEvent) -> Void = { _ in }
  ) throws -> Outcome {
    if let destination, try restore(from: destination) { onEvent(.resumed(step: step)) }
    let log = try destination.map { try TrainingLog(folder: $0.folder, keepingUpTo: step) }
    let schedule = MultiStepSchedule(
      initialRate: configuration.learningRate, milestones: configuration.milestones,
      factor: configuration.milestoneFactor)
    var lastSave = ContinuousClock.now
    while epoch < configuration.epochs {
      optimizer.learningRate = schedule.learningRate(epoch: epoch)
      while stepInEpoch < batches.stepsPerEpoch {
        if shouldStop() {
          onEvent(.phase(.saving, step: step))
          try saveState(destination)
          return outcome(wasStopped: true)
        }
        if stepInEpoch == 0 { batches.reshuffle() }
        let metrics = try runStep(onEvent)
        sums.add(metrics)
        stepInEpoch += 1
        try log?.append(metrics)
        onEvent(.step(metrics))
        if let destination, ContinuousClock.now - lastSave >= destination.saveEvery,
          step < stepCount
        {
          onEvent(.phase(.saving, step: step))
          try saveState(destination)
          lastSave = ContinuousClock.now
        }
      }
      var metrics = sums.metrics(epoch: epoch + 1, learningRate: optimizer.learningRate)
      if !validation.isEmpty { onEvent(.phase(.validation, step: step)) }
      try measure(&metrics)
      history.append(metrics)
      onEvent(.epoch(metrics))
      epoch += 1
      (stepInEpoch, sums) = (0, EpochSums())
      try log?.write(history, step: step)
      try saveCheckpoint(destination)
    }
    restoreBest()
    model.releaseTrainingMemory()
    return outcome(wasStopped: false)
  }

  private func outcome(wasStopped: Bool) -> Outcome {
    Outcome(
      epochs: history, wasStopped: wasStopped,
      seconds: history.reduce(0) { $0 + $1.seconds } + sums.seconds)
  }

  /// Forward, backward and one optimizer step.
  private func runStep(_ onEvent: (TrainingEvent) -> Void) throws -> StepMetrics {
    let clock = ContinuousClock()
    let start = clock.now
    let number = step + 1
    onEvent(.phase(.forward, step: number))
    let batch = model.batch(
      of: batches.next().map { samples[$0] }, usesDescriptions: usesDescriptions)
    let terms = model.losses(batch) {
      Variable($0).dropout(configuration.inputDropout, generator: &dropoutGenerator).value
    }
    guard let total = terms.total() else {
      preconditionFailure("\(model.name) gave no loss term")
    }
    guard total.item.isFinite else {
      throw TrainingError.diverged(epoch: epoch + 1, step: stepInEpoch + 1)
    }
    let values = terms.map { ($0.name, Double($0.value.item)) }
    onEvent(.phase(.backward, step: number))
    let loss = Double(total.item)
    total.backward()
    onEvent(.phase(.update, step: number))
    if let limit = configuration.gradientNormLimit {
      GradientClipping.clip(model.namedParameters.map(\.variable), maximumNorm: limit)
    }
    optimizer.step()
    return StepMetrics(
      step: number, epoch: epoch + 1, learningRate: optimizer.learningRate, loss: loss,
      losses: Dictionary(values, uniquingKeysWith: +), seconds: (clock.now - start) / .seconds(1))
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

  // MARK: - Files

  /// Writes the weights of a finished epoch.
  private func saveCheckpoint(_ destination: Destination?) throws {
    guard let destination else { return }
    let isComplete = epoch == configuration.epochs
    // With `bestValidation`, a worse epoch leaves the better weights on disk.
    guard history.last?.isBest ?? true || isComplete else { return }
    if isComplete { restoreBest() }
    var record = destination.record
    record.epoch = history.last { $0.isBest }?.epoch ?? 0
    record.isComplete = isComplete
    try DetectorCheckpoint.save(model, record: record, to: destination.checkpoint)
  }

  private func saveState(_ destination: Destination?) throws {
    guard let destination else { return }
    let moments = optimizer.state
    try TrainingState(
      record: .init(
        fingerprint: destination.fingerprint, threads: destination.threads, step: step,
        epoch: epoch, stepInEpoch: stepInEpoch,
        sums: sums, history: history, batches: batches.state,
        dropoutWords: dropoutGenerator.words, optimizerSteps: moments.stepCount,
        bestScore: best?.score),
      parameters: model.namedParameters.map { ($0.name, $0.variable.value) },
      firstMoments: moments.firstMoments, secondMoments: moments.secondMoments,
      best: best?.parameters ?? [:]
    ).write(to: destination.state)
  }

  /// Takes over a saved state; false where there is none.
  private func restore(from destination: Destination) throws -> Bool {
    guard FileManager.default.fileExists(atPath: destination.state.path) else { return false }
    let state = try TrainingState(url: destination.state, parameters: model.namedParameters)
    guard state.record.fingerprint == destination.fingerprint else {
      throw TrainingError.damagedState(
        path: destination.state.path, reason: "it is of other settings or data")
    }
    for (parameter, saved) in zip(model.namedParameters, state.parameters) {
      parameter.variable.assign(saved.tensor)
    }
    optimizer.state = .init(
      stepCount: state.record.optimizerSteps, firstMoments: state.firstMoments,
      secondMoments: state.secondMoments)
    batches.state = state.record.batches
    dropoutGenerator.words = state.record.dropoutWords
    best = state.record.bestScore.map { ($0, state.best) }
    epoch = state.record.epoch
    stepInEpoch = state.record.stepInEpoch
    sums = state.record.sums
    history = state.record.history
    return true
  }
}
