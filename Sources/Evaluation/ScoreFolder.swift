import Foundation
import Records
import Tensors

/// A run's scores on disk: `<id>.npy` (float32, [snippets]) for each video and
/// `scores.json` beside them.
public enum ScoreFolder {
  /// Writes every video's scores, then the sidecar; a sidecar so tells that all
  /// its scores are there. Makes the folder.
  ///
  /// - Precondition: as many score lists as videos.
  public static func write(_ sidecar: ScoreSidecar, scores: [[Float]], to folder: URL) throws {
    precondition(
      scores.count == sidecar.videos.count,
      "\(scores.count) score lists for \(sidecar.videos.count) videos")
    for (video, values) in zip(sidecar.videos, scores) {
      try Npy.write(
        Tensor(shape: [values.count], scalars: values),
        to: folder.appendingPathComponent(video.scores))
    }
    try JSONRecord.write(sidecar, to: folder.appendingPathComponent(ScoreSidecar.fileName))
  }

  /// Reads the sidecar and the scores of its videos, in its order.
  ///
  /// - Throws: `RecordError` for another format, what `Npy.read` throws, or
  ///   `EvaluationError.lengthMismatch` where a score file is no list.
  public static func read(_ folder: URL) throws -> (sidecar: ScoreSidecar, scores: [[Float]]) {
    let url = folder.appendingPathComponent(ScoreSidecar.fileName)
    let sidecar = try JSONRecord.read(ScoreSidecar.self, from: url)
    guard sidecar.format == ScoreSidecar.currentFormat else {
      throw RecordError.wrongFormat(
        path: url.path, found: "format \(sidecar.format)",
        expected: "format \(ScoreSidecar.currentFormat); run 'detect' again")
    }
    let scores = try sidecar.videos.map { video in
      let tensor = try Npy.read(folder.appendingPathComponent(video.scores))
      guard tensor.rank == 1 else {
        throw EvaluationError.lengthMismatch(
          video: video.id, scores: tensor.count,
          expected: FrameGroundTruth.snippetCount(frames: video.frameCount),
          frames: video.frameCount)
      }
      return tensor.scalars
    }
    return (sidecar, scores)
  }

  /// The videos that can be evaluated: those whose label is known.
  public static func scoredVideos(_ sidecar: ScoreSidecar, scores: [[Float]]) -> [ScoredVideo] {
    zip(sidecar.videos, scores).compactMap { video, values in
      video.isAnomalous.map { anomalous in
        ScoredVideo(
          id: video.id, scores: values, frameCount: video.frameCount,
          className: video.className ?? (anomalous ? "Anomaly" : "Normal"),
          isAnomalous: anomalous, events: video.events ?? [])
      }
    }
  }
}
