import Tensors

/// One video's scores with what is known of the video: made by detection, kept beside the
/// score files, evaluated and shown by the report.
public struct ScoredVideo: Sendable, Equatable {
  public var id: String
  /// One anomaly score per snippet of 16 frames.
  public var scores: [Float]
  /// Scores by snippet and class, [snippets, classes]; nil for a detector without them.
  public var classScores: Tensor<Float>?
  /// The video's decoded frames.
  public var frameCount: Int
  /// Frames per second, 0 where unknown.
  public var frameRate: Double
  /// The label's classes; empty where unknown.
  public var classNames: [String]
  /// Whether the label is an anomaly; nil where unknown.
  public var isAnomalous: Bool?
  /// Events in frames from 0, half-open; nil where not annotated.
  public var events: [Range<Int>]?

  public init(
    id: String, scores: [Float], classScores: Tensor<Float>? = nil, frameCount: Int,
    frameRate: Double = 0, classNames: [String] = [], isAnomalous: Bool? = nil,
    events: [Range<Int>]? = nil
  ) {
    self.id = id
    self.scores = scores
    self.classScores = classScores
    self.frameCount = frameCount
    self.frameRate = frameRate
    self.classNames = classNames
    self.isAnomalous = isAnomalous
    self.events = events
  }

  /// The class names in one text, for tables; `unknown` without any.
  public var className: String {
    classNames.isEmpty ? "unknown" : classNames.joined(separator: ", ")
  }

  /// One class's scores, one per snippet; nil without class scores.
  public func scores(ofClass index: Int) -> [Float]? {
    guard let classScores else { return nil }
    let width = classScores.shape[1]
    return scores.indices.map { classScores.scalars[$0 * width + index] }
  }

  /// Refuses what would silently bend a metric.
  ///
  /// - Throws: `EvaluationError`, naming the video.
  public func validate() throws {
    let expected = FrameGroundTruth.snippetCount(frames: frameCount)
    guard scores.count == expected else {
      throw EvaluationError.lengthMismatch(
        video: id, scores: scores.count, expected: expected, frames: frameCount)
    }
    if let index = scores.firstIndex(where: { !$0.isFinite }) {
      throw EvaluationError.notFinite(video: id, index: index, value: scores[index])
    }
    if let classScores {
      guard classScores.rank == 2, classScores.shape[0] == expected else {
        throw EvaluationError.lengthMismatch(
          video: id, scores: classScores.shape.first ?? 0, expected: expected, frames: frameCount)
      }
      if let index = classScores.scalars.firstIndex(where: { !$0.isFinite }) {
        throw EvaluationError.notFinite(
          video: id, index: index, value: classScores.scalars[index])
      }
    }
    if isAnomalous == true && (events ?? []).isEmpty {
      throw EvaluationError.annotationMissing(video: id)
    }
  }
}
