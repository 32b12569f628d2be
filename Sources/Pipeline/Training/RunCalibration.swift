import Detectors
import Foundation
import Records
import Tensors
import Training
import Workspaces

/// The scores of training videos by models that were not trained on them:
/// `runs/<id>/calibration.json`.
struct CalibrationScores: Codable, Equatable {
  /// One part of the training videos, scored by the model trained on the others.
  struct Part: Codable, Equatable {
    var videos: [String]
    var scores: [ScoreCalibration.Video]
  }

  /// The run's fingerprint, and the matrix threads that it is trained with.
  var fingerprint: String
  var threads: Int
  /// The parts that are finished.
  var parts: [Part] = []

  static func file(of run: String, in workspace: Workspace) -> URL {
    workspace.runFolder(run).appendingPathComponent("calibration.json")
  }

  /// Nil where there is none.
  ///
  /// - Throws: `RecordError` for a file that cannot be read.
  static func read(of run: String, in workspace: Workspace) throws -> CalibrationScores? {
    let file = file(of: run, in: workspace)
    guard FileManager.default.fileExists(atPath: file.path) else { return nil }
    return try JSONRecord.read(CalibrationScores.self, from: file)
  }
}

extension TrainingRuns {
  /// Trains a model without each part of the videos, scores that part, and fits the
  /// calibration to all of them. Finished parts of an interrupted run are kept.
  ///
  /// - Returns: nil where it was stopped.
  func calibrate(_ run: Run, threads: Int, board: TrainingBoard) throws -> ScoreCalibration? {
    let file = CalibrationScores.file(of: run.id, in: context.workspace)
    var scores = CalibrationScores(fingerprint: run.fingerprint, threads: threads)
    if let found = try? CalibrationScores.read(of: run.id, in: context.workspace),
      found.fingerprint == run.fingerprint, found.threads == threads
    {
      scores = found
    }
    try FileManager.default.createDirectory(
      at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
    try JSONRecord.write(scores, to: file)
    for part in context.folds.dropFirst(scores.parts.count) {
      let held = Set(part.map(\.videoID))
      let trainer = try trainer(
        of: run, on: context.samples.filter { !held.contains($0.videoID) })
      let outcome = try trainer.train(
        shouldStop: { stop.isRequested }, onEvent: { board.record($0, of: run.id) })
      guard !outcome.wasStopped else { return nil }
      scores.parts.append(
        .init(
          videos: Self.videos(of: part).map(\.videoID),
          scores: try self.scores(of: trainer.model, on: part)))
      try JSONRecord.write(scores, to: file)
    }
    return ScoreCalibration(scores.parts.flatMap(\.scores), folds: scores.parts.count)
  }

  /// The greatest score of each held-out video, in the samples' order; crops of a video are
  /// one.
  func scores(of model: DetectorModel, on samples: [TrainingSample]) throws
    -> [ScoreCalibration.Video]
  {
    try Self.videos(of: samples).map { sample in
      let scores = try model.scores(
        context.features(sample.videoID), subject: sample.videoID
      ).anomaly
      return .init(score: scores.max() ?? 0, isAnomalous: sample.isAnomalous)
    }
  }

  /// The steps of a run's parts that are to come.
  func foldSteps(_ run: Run) throws -> Int {
    let finished = try? CalibrationScores.read(of: run.id, in: context.workspace)?.parts.count
    return try context.folds.dropFirst(finished ?? 0).reduce(0) { sum, part in
      let held = Set(part.map(\.videoID))
      let batches = try BalancedBatches(
        context.samples.filter { !held.contains($0.videoID) }.map(\.isAnomalous),
        batchSize: run.plan.training.batchSize, seed: 0)
      return sum + batches.stepsPerEpoch * run.plan.training.epochs
    }
  }

  private static func videos(of samples: [TrainingSample]) -> [TrainingSample] {
    var seen: Set<String> = []
    return samples.filter { seen.insert($0.videoID).inserted }
  }
}
