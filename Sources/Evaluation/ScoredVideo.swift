/// One video's scores with what evaluation needs to know of the video.
public struct ScoredVideo: Codable, Sendable, Equatable {
  public var id: String
  /// One score a snippet of 16 frames.
  public var scores: [Float]
  /// The video's decoded frames.
  public var frameCount: Int
  /// The class, for tables.
  public var className: String
  /// Whether the video's label is an anomaly.
  public var isAnomalous: Bool
  /// Events in frames from 0, half-open.
  public var events: [Range<Int>]

  public init(
    id: String, scores: [Float], frameCount: Int, className: String, isAnomalous: Bool,
    events: [Range<Int>]
  ) {
    self.id = id
    self.scores = scores
    self.frameCount = frameCount
    self.className = className
    self.isAnomalous = isAnomalous
    self.events = events
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
    if isAnomalous && events.isEmpty {
      throw EvaluationError.annotationMissing(video: id)
    }
  }
}
