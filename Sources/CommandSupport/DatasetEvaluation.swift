import Datasets
import Evaluation
import Foundation
import Records
import Workspaces

/// Writes a run's scores on a split and, where the data set is annotated, its
/// frame-level evaluation.
public struct DatasetEvaluation: Sendable {
  private let workspace: Workspace
  private let dataset: Dataset
  private let split: String?

  public init(workspace: Workspace, dataset: Dataset, split: String?) {
    self.workspace = workspace
    self.dataset = dataset
    self.split = split
  }

  /// Writes `scores/<run>/<id>.npy` and `scores.json`.
  public func write(_ scored: [DetectionRun.Scored], run: String) throws {
    let videos = Dictionary(
      dataset.videos.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
    let sidecar = ScoreSidecar(
      run: run, dataset: dataset.descriptor.name, split: split,
      videos: scored.map { item in
        ScoreSidecar.Video(
          id: item.id, scores: "\(item.id).npy", frameCount: item.record.frameCount,
          className: videos[item.id]?.classNames?.joined(separator: ", "),
          isAnomalous: videos[item.id]?.isAnomalous, events: dataset.annotations[item.id]?.events)
      })
    try ScoreFolder.write(
      sidecar, scores: scored.map(\.scores),
      to: workspace.scoresFolder.appendingPathComponent(run))
  }

  /// Evaluates a run and writes `runs/<run>/evaluation.json`, or the same beside
  /// the scores where the run is of another workspace.
  ///
  /// - Throws: `DatasetError.annotationMissing`, `EvaluationError`.
  public func evaluate(_ scored: [DetectionRun.Scored], run: String) throws -> EvaluationResult {
    let annotations = try dataset.requiredAnnotations()
    let videos = Dictionary(
      dataset.videos.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
    let result = try FrameEvaluation.evaluate(
      scored.map { item in
        ScoredVideo(
          id: item.id, scores: item.scores, frameCount: item.record.frameCount,
          className: videos[item.id]?.classNames?.first ?? "unknown",
          isAnomalous: videos[item.id]?.isAnomalous ?? false,
          events: annotations[item.id]?.events ?? [])
      })
    let runFolder = workspace.runFolder(run)
    let folder =
      FileManager.default.fileExists(atPath: runFolder.path)
      ? runFolder : workspace.scoresFolder.appendingPathComponent(run)
    try JSONRecord.write(result, to: folder.appendingPathComponent("evaluation.json"))
    return result
  }
}
