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
    case selection = "scoring the test set"
    case saving
  }

  /// A run goes on where an earlier one stopped; `step` steps are done.
  case resumed(step: Int)
  case phase(Phase, step: Int)
  case step(StepMetrics)
  case epoch(EpochMetrics)
}

/// Trains a detector of any family. Belongs to one thread.
public final class DetectorTrainer {
  public let configuration: TrainingConfiguration
  public let model: DetectorModel
  /// Steps of the whole training.
  public var stepCount: Int { batches.stepsPerEpoch * configuration.epochs }
  /// The matrix threads of the run, which one that resumes it keeps.
  private var threads: Int
  private let usesDescriptions: Bool
  private let samples: [TrainingSample]
  private let validation: [TrainingSample]
  private var batches: TrainingBatches
  private var optimizer: TrainingOptimizer
  private var dropoutGenerator: SeededGenerator
  private var best: (score: Double, parameters: [String: Tensor<Float>])?
  /// Choosing by the test set; nil unless that is asked for.
  private var choice: TestChoice?

  /// The features of the next step, on their way.
  private var ahead: (indices: [Int], features: BackgroundWork<[Tensor<Float>]>)?

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
  ///   - order: the places in `samples` of every step's batch over the whole training, equally
  ///     many steps an epoch, so that losses compare step by step with another program's; nil
  ///     for the configuration's own batches.
  ///   - testSelection: what chooses where `selection` is `bestTest`.
  /// - Throws: `TrainingError` or `DetectorError` naming the video or the key.
  public init(
    model: DetectorModel, configuration: TrainingConfiguration, usesDescriptions: Bool = true,
    samples: [TrainingSample], validation: [TrainingSample] = [], order: [[Int]]? = nil,
    testSelection: TestSelection? = nil
  ) throws {
    try configuration.validate()
    for sample in samples + validation { try sample.check(against: model.inputs) }
    guard configuration.selection != .bestValidation || !validation.isEmpty else {
      throw TrainingError.noValidation
    }
    if configuration.selection == .bestTest {
      guard let testSelection else { throw TrainingError.noTestSelection }
      choice = TestChoice(testSelection)
    }
    self.configuration = configuration
    self.model = model
    try model.prepare(for: configuration)
    threads = model.threads ?? MatrixThreads.count
    model.threads = threads
    self.usesDescriptions = usesDescriptions
    self.validation = validation
    self.samples = samples.map { sample in
      var sample = sample
      sample.features = sample.features.limited(
        to: model.inputs.maximumSnippets, roundsHalfMeans: model.inputs.roundsHalfMeans)
      return sample
    }
    batches = try TrainingBatches(
      samples.map(\.isAnomalous), configuration: configuration, order: order)
    let steps = batches.stepsPerEpoch * configuration.epochs
    guard configuration.warmupSteps < steps else {
      throw DetectorError.badConfiguration(
        key: "warmupSteps", found: "\(configuration.warmupSteps)",
        expected: "fewer than the \(steps) steps of the training")
    }
    optimizer = try TrainingOptimizer(model, configuration: configuration)
    dropoutGenerator = SeededGenerator(seed: configuration.seed, purpose: "input dropout")
    if model.inputs.standardizesFeatures {
      let statistics = try FeatureStatistics(samples.map(\.features))
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
  /// - Throws: `TrainingError.diverged` where a loss or a gradient is not finite, before it
  ///   reaches a weight: the model then has the weights of the last good step, the state on
  ///   disk is of that step, and the checkpoint of the last finished epoch stays.
  ///   `TrainingError.damagedState`. `TensorError` where a file of features has changed or is
  ///   gone, with the same left on disk. Errors of writing.
  public func train(
    destination: Destination? = nil, shouldStop: () -> Bool = { false },
    onEvent: (TrainingEvent) -> Void = { _ in }
  ) throws -> Outcome {
    if let destination, try restore(from: destination) { onEvent(.resumed(step: step)) }
    let log = try destination.map { try TrainingLog(folder: $0.folder, keepingUpTo: step) }
    let schedule = LearningRateSchedule(
      configuration, stepsPerEpoch: batches.stepsPerEpoch, stepCount: stepCount)
    var lastSave = ContinuousClock.now
    while epoch < configuration.epochs {
      while stepInEpoch < batches.stepsPerEpoch {
        if shouldStop() {
          onEvent(.phase(.saving, step: step))
          try saveState(destination)
          return outcome(wasStopped: true)
        }
        optimizer.learningRate = schedule.learningRate(step: step)
        let metrics = try goodStep(destination, onEvent)
        sums.add(metrics)
        stepInEpoch += 1
        try log?.append(metrics)
        onEvent(.step(metrics))
        try choose(onEvent)
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
      try choose(onEvent, ends: &metrics)
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
      seconds: history.reduce(0) { $0 + $1.seconds } + sums.seconds,
      testSelection: choice?.record)
  }

  /// One step. One that fails leaves everything as it was before, here and on disk.
  private func goodStep(_ destination: Destination?, _ onEvent: (TrainingEvent) -> Void) throws
    -> StepMetrics
  {
    let before = (batches: batches, words: dropoutGenerator.words)
    do {
      return try runStep(onEvent)
    } catch {
      model.clearGradients()
      batches = before.batches
      dropoutGenerator.words = before.words
      // The step's own error is the one to tell, and an older state is worth as much.
      if step > 0 { try? saveState(destination) }
      throw error
    }
  }

  /// Forward, backward and one optimizer step.
  private func runStep(_ onEvent: (TrainingEvent) -> Void) throws -> StepMetrics {
    let clock = ContinuousClock()
    let start = clock.now
    let number = step + 1
    onEvent(.phase(.forward, step: number))
    if stepInEpoch == 0 { batches.reshuffle() }
    let indices = batches.next()
    let chosen = indices.map { samples[$0] }
    let features = try features(of: indices)
    readAhead()
    var batch = model.batch(
      of: chosen, features: features, usesDescriptions: usesDescriptions)
    batch.stepInEpoch = stepInEpoch
    let terms = model.losses(batch) {
      Variable($0).dropout(configuration.inputDropout, generator: &dropoutGenerator).value
    }
    guard let total = terms.total() else {
      preconditionFailure("\(model.name) gave no loss term")
    }
    func checkFinite(_ finding: Divergence.Finding?) throws {
      guard let finding else { return }
      throw TrainingError.diverged(
        try Divergence(
          epoch: epoch + 1, step: number, finding: finding, batch: chosen, model: model,
          usesDescriptions: usesDescriptions))
    }
    try checkFinite(.init(of: terms, total: total))
    let values = terms.map { ($0.name, Double($0.value.item)) }
    onEvent(.phase(.backward, step: number))
    let loss = Double(total.item)
    total.backward()
    onEvent(.phase(.update, step: number))
    let parameters = model.namedParameters
    let squares = GradientClipping.squaredNorms(parameters.map(\.variable))
    try checkFinite(.init(of: parameters, squaredNorms: squares))
    if let limit = configuration.gradientNormLimit {
      GradientClipping.clip(
        parameters.map(\.variable), maximumNorm: limit, squaredNorms: squares)
    }
    optimizer.step()
    model.commitBuffers()
    return StepMetrics(
      step: number, epoch: epoch + 1, learningRate: optimizer.learningRate, loss: loss,
      losses: Dictionary(values, uniquingKeysWith: +), seconds: (clock.now - start) / .seconds(1))
  }

  /// The features of the step's samples, from `readAhead` where it read them.
  private func features(of indices: [Int]) throws -> [Tensor<Float>] {
    defer { ahead = nil }
    if let ahead, ahead.indices == indices { return try ahead.features.value() }
    return try indices.map { try samples[$0].features.tensor() }
  }

  /// Reads the features of the next step while this one computes, where they are in files. The
  /// order of batches stays where it is: a copy is asked.
  private func readAhead() {
    var next = batches
    if stepInEpoch + 1 == batches.stepsPerEpoch {
      guard epoch + 1 < configuration.epochs else { return }
      next.reshuffle()
    }
    let indices = next.next()
    let rows = indices.map { samples[$0].features }
    guard rows.contains(where: \.isStored) else { return }
    ahead = (indices, BackgroundWork { try rows.map { try $0.tensor() } })
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
    if metrics.isBest { keep(score) }
  }

  /// Measures the test set where it is time, and remembers the best weights.
  private func choose(_ onEvent: (TrainingEvent) -> Void, isEpochEnd: Bool = false) throws {
    let isLast = epoch + 1 == configuration.epochs
    guard choice?.isDue(stepInEpoch: stepInEpoch, isEpochEnd: isEpochEnd, isLast: isLast) == true
    else { return }
    onEvent(.phase(.selection, step: step))
    if try choice?.measure(model, step: step) == true { keep(choice?.record.chosen?.score ?? 0) }
  }

  /// The same at an epoch's end, where the weights go back to the best so far; the optimizer's
  /// moments stay.
  private func choose(
    _ onEvent: (TrainingEvent) -> Void, ends metrics: inout EpochMetrics
  ) throws {
    guard choice != nil else { return }
    try choose(onEvent, isEpochEnd: true)
    let first = epoch * batches.stepsPerEpoch
    metrics.testScore = choice?.record.scores.filter { $0.step > first }.map(\.score).max()
    metrics.isBest = choice?.record.chosen.map { $0.step > first } ?? true
    restoreBest()
  }

  private func keep(_ score: Double) {
    best = (
      score,
      Dictionary(uniqueKeysWithValues: model.namedTensors.map { ($0.name, $0.tensor) })
    )
  }

  private func restoreBest() {
    guard let best else { return }
    for (name, variable) in model.namedParameters {
      if let value = best.parameters[name] { variable.assign(value) }
    }
    for (name, buffer) in model.namedBuffers {
      if let value = best.parameters[name] { buffer.assign(value) }
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
    record.testSelection = choice?.record
    try DetectorCheckpoint.save(model, record: record, to: destination.checkpoint)
  }

  private func saveState(_ destination: Destination?) throws {
    guard let destination else { return }
    let moments = optimizer.state
    try TrainingState(
      record: .init(
        fingerprint: destination.fingerprint, threads: threads,
        step: step,
        epoch: epoch, stepInEpoch: stepInEpoch,
        sums: sums, history: history, batches: batches.state,
        dropoutWords: dropoutGenerator.words, optimizer: configuration.optimizer.rawValue,
        rateFactors: configuration.rateFactors,
        library: configuration.engine == .video ? model.library ?? .fastest : nil,
        optimizerSteps: moments.stepCount,
        bestScore: best?.score, testScores: choice?.record.scores),
      parameters: model.namedParameters.map { ($0.name, $0.variable.value) },
      buffers: model.namedBuffers.map { ($0.name, $0.buffer.value) },
      firstMoments: moments.first, secondMoments: moments.second,
      best: best?.parameters ?? [:]
    ).write(to: destination.state)
  }

  /// Takes over a saved state; false where there is none.
  private func restore(from destination: Destination) throws -> Bool {
    guard FileManager.default.fileExists(atPath: destination.state.path) else { return false }
    let state = try TrainingState(url: destination.state, model: model)
    guard state.record.fingerprint == destination.fingerprint else {
      throw TrainingError.damagedState(
        path: destination.state.path, reason: "it is of other settings or data")
    }
    func refused(_ reason: String) -> TrainingError {
      .damagedState(path: destination.state.path, reason: reason)
    }
    let (kind, factors) = (state.record.optimizer, state.record.rateFactors)
    guard kind ?? "adamw" == configuration.optimizer.rawValue,
      factors ?? RateFactors.none == configuration.rateFactors
    else { throw refused("its optimizer is another one, or has other rateFactors") }
    guard batches.restore(state.record.batches) else {
      throw refused("its batches are of another order")
    }
    for (parameter, saved) in zip(model.namedParameters, state.parameters) {
      parameter.variable.assign(saved.tensor)
    }
    for (own, saved) in zip(model.namedBuffers, state.buffers) { own.buffer.assign(saved.tensor) }
    optimizer.state = (
      state.record.optimizerSteps, state.firstMoments, state.secondMoments
    )
    model.library = state.record.library ?? model.library
    threads = state.record.threads
    model.threads = threads
    dropoutGenerator.words = state.record.dropoutWords
    best = state.record.bestScore.map { ($0, state.best) }
    choice?.record.scores = state.record.testScores ?? []
    epoch = state.record.epoch
    stepInEpoch = state.record.stepInEpoch
    sums = state.record.sums
    history = state.record.history
    return true
  }
}
