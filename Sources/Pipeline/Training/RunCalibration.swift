import Detectors
import Foundation
import Records
import Tensors
import Training
import Workspaces

/// The scores of one part of the training videos by a model trained on the others:
/// `calibration/<key>/part<n>.json`.
struct CalibrationPart: Codable, Equatable {
  /// The matrix threads that the model was trained with.
  var threads: Int
  /// Ids, and their scores in the same order.
  var videos: [String]
  var scores: [HeldOutVideo]

  static func folder(_ key: String, in workspace: Workspace) -> URL {
    workspace.root.appendingPathComponent("calibration/\(key.prefix(16))")
  }

  static func file(_ number: Int, of key: String, in workspace: Workspace) -> URL {
    folder(key, in: workspace).appendingPathComponent("part\(number + 1).json")
  }

  /// Nil where there is none that can be read.
  static func read(_ number: Int, of key: String, in workspace: Workspace) -> CalibrationPart? {
    try? JSONRecord.read(CalibrationPart.self, from: file(number, of: key, in: workspace))
  }
}

/// All seeds of a variant share a calibration: every part has a model of another seed, so
/// that the scores vary by seed as those of the runs do.
extension TrainingRuns {
  /// A model that is to be trained for a calibration.
  struct PartRun: Sendable {
    var id: String
    var number: Int
    /// With the part's own seed.
    var run: Run
    var training: [TrainingSample]
    var steps: Int
    var threads: Int
  }

  /// The parts of the runs' variants that are not finished.
  func calibrationParts(of runs: [Run], threads: Int) throws -> [PartRun] {
    try Self.variants(of: runs).flatMap { run in
      try context.folds.indices.compactMap { number -> PartRun? in
        let found = CalibrationPart.read(number, of: run.calibrationKey, in: context.workspace)
        if let found, found.threads == threads, !context.isFresh { return nil }
        let held = Set(context.folds[number].map(\.videoID))
        let training = context.samples.filter { !held.contains($0.videoID) }
        var own = run
        own.plan.training.seed = UInt64(number + 1)
        let batches = try TrainingBatches(
          training.map(\.isAnomalous), configuration: run.plan.training)
        return PartRun(
          id: "\(run.calibrationKey) \(number)", number: number, run: own, training: training,
          steps: batches.stepsPerEpoch * run.plan.training.epochs, threads: threads)
      }
    }
  }

  /// Trains and scores the parts. One that fails is told, and its variant stays uncalibrated.
  func calibrate(_ parts: [PartRun], jobs: Int, board: TrainingBoard) {
    _ = Parallel.map(parts, jobs: jobs, until: stop) { part in
      do {
        let trainer = try trainer(of: part.run, on: part.training, threads: part.threads)
        let outcome = try trainer.train(
          shouldStop: { stop.isRequested }, onEvent: { board.record($0, of: part.id) })
        guard !outcome.wasStopped else { return }
        let held = context.folds[part.number]
        let file = CalibrationPart.file(
          part.number, of: part.run.calibrationKey, in: context.workspace)
        try FileManager.default.createDirectory(
          at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try JSONRecord.write(
          CalibrationPart(
            threads: part.threads, videos: Self.videos(of: held).map(\.videoID),
            scores: try scores(of: trainer.model, on: held)), to: file)
      } catch {
        reporter.warning(
          "\(part.run.plan.variant), calibration without part \(part.number + 1): \(error)")
      }
    }
  }

  /// One run of each variant.
  private static func variants(of runs: [Run]) -> [Run] {
    var keys: Set<String> = []
    return runs.filter { keys.insert($0.calibrationKey).inserted }
  }

  /// The calibrations of the runs' variants by key, without those that miss a part, and what
  /// held-out videos said of learning: a line a variant whose features have a score of their
  /// own.
  func calibrations(of runs: [Run]) -> (byKey: [String: ScoreCalibration], lines: [String]) {
    var byKey: [String: ScoreCalibration] = [:]
    var lines: [String] = []
    for run in Self.variants(of: runs) {
      let parts = context.folds.indices.compactMap {
        CalibrationPart.read($0, of: run.calibrationKey, in: context.workspace)
      }
      guard !parts.isEmpty, parts.count == context.folds.count else { continue }
      let calibration = ScoreCalibration(parts.map(\.scores), folds: parts.count)
      byKey[run.calibrationKey] = calibration
      guard let share = calibration.learnedShare else { continue }
      let words =
        switch share {
        case 0: "the features' own score is best alone, without anything learned"
        case 1: "what was learned counts in full beside the features' own score"
        default: "what was learned counts \(share) times beside the features' own score"
        }
      lines.append("\(run.plan.variant), by held-out videos: \(words)")
    }
    return (byKey, lines)
  }

  /// The scores of each held-out video, in the samples' order; crops of a video are one.
  func scores(of model: DetectorModel, on samples: [TrainingSample]) throws -> [HeldOutVideo] {
    try Self.videos(of: samples).map { sample in
      HeldOutVideo(
        try model.scores(context.features(sample.videoID), subject: sample.videoID),
        isAnomalous: sample.isAnomalous, topKDivisor: model.inputs.topKDivisor)
    }
  }

  private static func videos(of samples: [TrainingSample]) -> [TrainingSample] {
    var seen: Set<String> = []
    return samples.filter { seen.insert($0.videoID).inserted }
  }
}
