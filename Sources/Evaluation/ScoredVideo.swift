import Tensors

/// An event and its class.
public struct ClassEvent: Codable, Sendable, Equatable {
  public var className: String
  /// Frames from 0, half-open.
  public var frames: Range<Int>

  public init(className: String, frames: Range<Int>) {
    self.className = className
    self.frames = frames
  }
}

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
  /// The events with their classes, where a file gives each event one: a video of several
  /// classes needs them for mAP@IoU. Nil otherwise.
  public var classEvents: [ClassEvent]?

  public init(
    id: String, scores: [Float], classScores: Tensor<Float>? = nil, frameCount: Int,
    frameRate: Double = 0, classNames: [String] = [], isAnomalous: Bool? = nil,
    events: [Range<Int>]? = nil, classEvents: [ClassEvent]? = nil
  ) {
    self.id = id
    self.scores = scores
    self.classScores = classScores
    self.frameCount = frameCount
    self.frameRate = frameRate
    self.classNames = classNames
    self.isAnomalous = isAnomalous
    self.events = events
    self.classEvents = classEvents
  }

  /// The events with their classes: `classEvents`, or the events of a video of one class. Nil
  /// where it is not known which event is of which class.
  public var knownClassEvents: [ClassEvent]? {
    if let classEvents { return classEvents }
    guard isAnomalous == true else { return [] }
    guard let events, classNames.count == 1 else { return nil }
    return events.map { ClassEvent(className: classNames[0], frames: $0) }
  }

  /// The class names in one text, for tables; `unknown` without any.
  public var className: String {
    classNames.isEmpty ? "unknown" : classNames.joined(separator: ", ")
  }

  /// One class's scores, one per snippet; nil without class scores.
  public func scores(ofClass index: Int) -> [Float]? {
    guard let classScores else { return nil }
    let width = classScores.shape[1]
    return (0..<classScores.shape[0]).map { classScores.scalars[$0 * width + index] }
  }

  /// The anomaly score that class scores give, one per snippet: 1 minus the normal class's, in
  /// single precision as in VadCLIP. Nil without class scores.
  public func anomalyScores(normalClass index: Int) -> [Float]? {
    scores(ofClass: index)?.map { 1 - $0 }
  }

  /// Refuses what would silently bend a metric.
  ///
  /// - Parameter classes: how many columns class scores must have; nil for any number.
  /// - Throws: `EvaluationError`, naming the video.
  public func validate(classes: Int? = nil) throws {
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
      if let classes, classScores.shape[1] != classes {
        throw EvaluationError.classCountMismatch(
          video: id, columns: classScores.shape[1], expected: classes)
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
