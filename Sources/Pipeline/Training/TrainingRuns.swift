import Detectors
import Encoders
import Foundation
import Records
import Tensors
import Training
import Workspaces

/// Trains seeds and variants on the same data, as many at once as memory allows; finished
/// ones are kept, interrupted ones continued.
package struct TrainingRuns: Sendable {
  /// What became of a plan.
  enum Result: Sendable {
    /// Trained now; from a saved state where `resumedAt` is the step it had reached.
    case trained(RunRecord, resumedAt: Int?)
    /// Finished by an earlier training with equal settings and data.
    case kept(RunRecord)
    case failed(reason: String, hasDiverged: Bool)
    /// Interrupted: its state continues it.
    case stopped
  }

  /// A plan with the names that settings and data give it.
  struct Named: Sendable {
    var plan: DetectorPlan
    var fingerprint: String
    /// The fingerprint by which earlier versions kept a finished run of this plan.
    var earlierFingerprint: String
    /// The name of the calibration, which all seeds share.
    var calibrationKey: String
  }

  /// A plan with its place on disk.
  struct Run: Sendable {
    enum State: Sendable {
      case new
      case interrupted(step: Int, threads: Int)
      case finished(RunRecord)
    }

    var id: String
    var group: String
    var plan: DetectorPlan
    var fingerprint: String
    /// The name of the calibration, which all seeds share.
    var calibrationKey: String
    var state: State
  }

  /// What every run of a training has in common.
  struct Context: Sendable {
    var workspace: Workspace
    var registry: DetectorRegistry
    var samples: [TrainingSample]
    var validation: [TrainingSample]
    /// The label embeddings by `DetectorPlan.promptContextLength`.
    var labels: [Int: LabelTextSource]
    /// A record with everything but the run's own values.
    var record: RunRecord
    var pooling: String
    var crops: FrameCrops
    var descriptionEncoder: EncoderIdentity
    var saveEvery: Duration
    /// `TrainingOptions.leavesOutUnready`.
    var leavesOutUnready: Bool
    /// `TrainingOptions.testSelection`.
    var testSelection: TestSelection?
    /// Parts of `samples` that calibrate each run, `CalibrationFolds`; empty for none.
    var folds: [[TrainingSample]]
    /// Whether calibrations are made again.
    var isFresh: Bool
    /// A training video's features as `detect` reads them, by id.
    var features: @Sendable (String) throws -> Tensor<Float>
  }

  let context: Context
  let reporter: StageReporter
  let stop: StopSignal

  /// Matches plans to what an earlier training left in the workspace.
  static func match(
    _ plans: [Named], in workspace: Workspace, isFresh: Bool, reporter: StageReporter
  ) throws -> [Run] {
    var finished: [String: RunRecord] = [:]
    var interrupted: [String: (id: String, step: Int, threads: Int)] = [:]
    if !isFresh {
      for record in try RunRecord.all(in: workspace) where !record.fingerprint.isEmpty {
        finished[record.fingerprint] = record
      }
      for id in RunRecord.folders(in: workspace) {
        let file = workspace.runFolder(id).appendingPathComponent(
          DetectorTrainer.Destination.stateName)
        do {
          guard let state = try TrainingState.summary(of: file) else { continue }
          interrupted[state.fingerprint] = (id, state.step, state.threads)
        } catch {
          reporter.warning("\(error)")
        }
      }
    }
    let group = RunRecord.newGroupName(in: workspace)
    return plans.map { named in
      let (plan, fingerprint) = (named.plan, named.fingerprint)
      let calibrationKey = named.calibrationKey
      if let record = finished[fingerprint] ?? finished[named.earlierFingerprint] {
        return Run(
          id: record.id, group: record.group, plan: plan, fingerprint: fingerprint,
          calibrationKey: calibrationKey, state: .finished(record))
      }
      if let found = interrupted[fingerprint] {
        return Run(
          id: found.id, group: String(found.id.prefix(group.count)), plan: plan,
          fingerprint: fingerprint, calibrationKey: calibrationKey,
          state: .interrupted(step: found.step, threads: found.threads))
      }
      return Run(
        id: "\(group)-\(plan.variant)-s\(plan.training.seed)", group: group, plan: plan,
        fingerprint: fingerprint,
        calibrationKey: calibrationKey, state: .new)
    }
  }

  /// Trains what is not finished; the results are in the order of the runs.
  func train(_ runs: [Run], jobs: Int) throws -> [Result] {
    let pending = runs.filter { if case .finished = $0.state { false } else { true } }
    guard !pending.isEmpty else { return runs.map { Self.kept($0) ?? .stopped } }
    // The threads depend on the request and not on what is left of it: a resumed run
    // ends in the same bits.
    var threads = Parallel.threadsPerItem(jobs: jobs, items: runs.count)
    for case .interrupted(_, let recorded) in pending.map(\.state) where recorded != threads {
      reporter.note("going on with \(recorded) threads per run, as the interrupted runs had")
      threads = recorded
      break
    }
    let threadsPerRun = threads
    MatrixThreads.set(threadsPerRun)
    let measured = try measure(pending, threads: threadsPerRun)
    let memory = measured.values.compactMap(\.memoryBytes).max()
    let wanted = min(jobs, pending.count, max(1, Parallel.cores / threadsPerRun))
    let width = Self.width(wanted: wanted, bytesPerRun: memory)
    reporter.note(plan(pending, measured: measured, width: width, wanted: wanted))

    let parts = try calibrationParts(
      of: pending.filter { measured[$0.plan.variant] != nil }, threads: threadsPerRun)
    let board = TrainingBoard(
      runs: parts.map { ($0.id, $0.run.plan.variant, $0.run.plan.training.seed) }
        + pending.map { ($0.id, $0.plan.variant, $0.plan.training.seed) },
      steps: pending.reduce(0) { $0 + (measured[$1.plan.variant]?.steps ?? 0) }
        + parts.reduce(0) { $0 + $1.steps },
      done: pending.reduce(0) { sum, run in
        if case .interrupted(let step, _) = run.state { sum + step } else { sum }
      })
    let heartbeat = Heartbeat { [reporter] in
      if let text = board.text { reporter.status(text) }
    }
    calibrate(parts, jobs: width, board: board)
    let calibrations = calibrations(of: pending)
    for line in calibrations.lines { reporter.note(line) }
    let results = Parallel.map(pending, jobs: width, until: stop) { run -> Result in
      do {
        return try train(
          run, calibration: calibrations.byKey[run.calibrationKey], threads: threadsPerRun,
          memory: measured[run.plan.variant]?.memoryBytes, board: board)
      } catch {
        reporter.warning("\(run.plan.variant), seed \(run.plan.training.seed): \(error)")
        var hasDiverged = false
        if case TrainingError.diverged = error { hasDiverged = true }
        return .failed(reason: "\(error)", hasDiverged: hasDiverged)
      }
    }
    heartbeat.stop()
    reporter.end(needsSummary: false)
    let byID = Dictionary(
      zip(pending.map(\.id), results.map { $0 ?? .stopped }),
      uniquingKeysWith: { first, _ in first }
    )
    return runs.map { Self.kept($0) ?? byID[$0.id] ?? .stopped }
  }

  private static func kept(_ run: Run) -> Result? {
    if case .finished(let record) = run.state { return .kept(record) }
    return nil
  }

  /// How many runs fit into four fifths of the free memory, at least one.
  package static func width(wanted: Int, bytesPerRun: Int?, free: Int? = StepMemory.available?.free)
    -> Int
  {
    guard let bytesPerRun, let free, bytesPerRun > 0 else { return wanted }
    return max(1, min(wanted, free / 5 * 4 / bytesPerRun))
  }

  /// What a run of a variant takes.
  private struct Measured {
    var steps: Int
    var epochs: Int
    var batchSize: Int
    var engine: DetectorEngine
    var precision: ProductPrecision
    var memoryBytes: Int?
  }

  /// One run of each variant, by variant. A variant that cannot be made is left out where others
  /// go on; its runs fail with the reason.
  private func measure(_ pending: [Run], threads: Int) throws -> [String: Measured] {
    var found: [String: Measured] = [:]
    var tried: Set<String> = []
    for run in pending where tried.insert(run.plan.variant).inserted {
      do {
        let trainer = try trainer(of: run, threads: threads)
        let training = trainer.configuration
        found[run.plan.variant] = Measured(
          steps: trainer.stepCount, epochs: training.epochs, batchSize: training.batchSize,
          engine: training.engine, precision: training.precision,
          memoryBytes: trainer.estimateMemory())
      } catch {
        guard context.leavesOutUnready else { throw error }
      }
    }
    return found
  }

  /// The steps of the runs: once where all take the same.
  private func steps(_ pending: [Run], measured: [String: Measured]) -> String {
    var words: [(variant: String, text: String)] = []
    for run in pending where !words.contains(where: { $0.variant == run.plan.variant }) {
      guard let own = measured[run.plan.variant] else { continue }
      words.append(
        (
          run.plan.variant,
          "\(own.steps) steps per run (\(own.epochs) epochs of \(own.steps / own.epochs), "
            + "\(own.batchSize) videos per step)"
        ))
    }
    guard Set(words.map(\.text)).count > 1 else { return words.first?.text ?? "no steps" }
    return words.map { "\($0.variant) \($0.text)" }.joined(separator: ", ")
  }

  private func plan(_ pending: [Run], measured: [String: Measured], width: Int, wanted: Int)
    -> String
  {
    let samples = context.samples
    let abnormal = Set(samples.filter(\.isAnomalous).map(\.videoID)).count
    let normal = Set(samples.filter { !$0.isAnomalous }.map(\.videoID)).count
    let heldOut =
      context.validation.isEmpty ? "" : ", \(context.record.heldOutVideos) held out"
    var text =
      "training \(pending.count) run\(pending.count == 1 ? "" : "s") on \(normal) normal and "
      + "\(abnormal) abnormal videos (\(samples.count) rows of features\(heldOut)): "
      + steps(pending, measured: measured)
    if !context.folds.isEmpty {
      text +=
        "; before them \(context.folds.count) per variant, each without a part of the videos, "
        + "calibrate the scores"
    }
    if measured.values.contains(where: { $0.precision == .bf16 }) {
      text += "; products in bfloat16"
    } else if measured.values.contains(where: { $0.engine == .video }) {
      let rates = ProductLibrary.trial.sorted { $0.value > $1.value }.map {
        "\($0.key.rawValue) \(Int($0.value / 1e9))"
      }
      text +=
        "; products by \(ProductLibrary.fastest.rawValue)"
        + (rates.isEmpty ? "" : " (GFLOP/s of one thread: \(rates.joined(separator: ", ")))")
    }
    if let memory = measured.values.compactMap(\.memoryBytes).max() {
      text += "; \(Self.megabytes(memory)) MB per run by a measured step"
    }
    if pending.count > 1 {
      text += "; \(width) at once"
      if width < wanted, let available = StepMemory.available {
        text +=
          ", not \(wanted): \(Self.megabytes(available.free)) MB of memory are free"
      }
    }
    return text
  }

  private static func megabytes(_ bytes: Int) -> Int { max(1, bytes / 1_000_000) }

  /// - Parameter samples: what it is trained on; nil for all.
  func trainer(of run: Run, on samples: [TrainingSample]? = nil, threads: Int) throws
    -> DetectorTrainer
  {
    var generator = SeededGenerator(seed: run.plan.training.seed, purpose: "model")
    guard let labels = context.labels[run.plan.promptContextLength] else {
      preconditionFailure("labels of \(run.plan.promptContextLength) tokens were not made")
    }
    let embeddings = try labels.embeddings(
      layout: run.plan.promptLayout ?? .shared, generator: &generator)
    let model = try DetectorModel(
      context.registry.family(run.plan.model), configuration: run.plan.configuration,
      inputs: run.plan.inputs, labels: embeddings, generator: &generator)
    model.threads = threads
    return try DetectorTrainer(
      model: model, configuration: run.plan.training,
      usesDescriptions: run.plan.usesDescriptions, samples: samples ?? context.samples,
      validation: samples == nil ? context.validation : [], testSelection: context.testSelection)
  }

  private func train(
    _ run: Run, calibration known: ScoreCalibration?, threads: Int, memory: Int?,
    board: TrainingBoard
  ) throws -> Result {
    var calibration = known
    let trainer = try trainer(of: run, threads: threads)
    let plan = run.plan
    let shared = context.record
    let destination = DetectorTrainer.Destination(
      folder: context.workspace.runFolder(run.id),
      record: CheckpointRecord(
        plan: plan, visualEncoder: shared.visualEncoder,
        descriptionEncoder: plan.usesDescriptions ? context.descriptionEncoder : nil,
        labelEncoder: plan.usesDescriptions ? shared.labelEncoder : nil,
        pooling: context.pooling, crops: context.crops.rawValue, dataset: shared.dataset,
        calibration: calibration),
      fingerprint: run.fingerprint, saveEvery: context.saveEvery)
    let outcome = try trainer.train(
      destination: destination, shouldStop: { stop.isRequested },
      onEvent: { board.record($0, of: run.id) })
    guard !outcome.wasStopped else { return .stopped }
    if calibration == nil, !context.validation.isEmpty {
      calibration = ScoreCalibration(
        [try scores(of: trainer.model, on: context.validation)], folds: nil)
      var record = try DetectorCheckpoint(
        url: destination.checkpoint, registry: context.registry
      ).record
      record.calibration = calibration
      try DetectorCheckpoint.save(trainer.model, record: record, to: destination.checkpoint)
    }
    var record = shared
    record.calibration = calibration
    (record.id, record.group) = (run.id, run.group)
    (record.model, record.variant, record.seed) = (plan.model, plan.variant, plan.training.seed)
    record.created = Date().formatted(.iso8601)
    record.fingerprint = run.fingerprint
    record.memoryBytes = memory
    record.testSelection = outcome.testSelection
    record.labelFeaturesKey = context.labels[plan.promptContextLength]?.featuresKey
    if plan.usesDescriptions {
      record.descriptionEncoder = context.descriptionEncoder
    } else {
      record.textFeaturesKey = nil
      record.describers = [:]
    }
    (record.epochs, record.steps) = (plan.training.epochs, trainer.stepCount)
    record.seconds = outcome.seconds
    if let last = outcome.epochs.last {
      record.finalLosses = last.losses
      record.finalLosses["total"] = last.loss
    }
    try JSONRecord.write(record, to: RunRecord.file(of: run.id, in: context.workspace))
    // The record vouches for the checkpoint now; until here the state could continue.
    try? FileManager.default.removeItem(at: destination.state)
    if case .interrupted(let step, _) = run.state { return .trained(record, resumedAt: step) }
    return .trained(record, resumedAt: nil)
  }
}
