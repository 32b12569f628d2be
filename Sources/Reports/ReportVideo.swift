/// What became of one video at the threshold.
public enum ReportOutcome: String, Codable, Sendable {
  /// An anomalous video, with a detection that overlaps the annotated anomaly
  /// (or any detection, where there is no annotation).
  case found
  /// An anomalous video without one.
  case missed
  /// A normal video with a detection.
  case falseAlarm = "false alarm"
  /// A normal video without one.
  case quiet
}

/// One video of a report.
public struct ReportVideo: Codable, Sendable, Equatable {
  public var id: String
  /// The class, or nil where it is unknown.
  public var className: String?
  public var isAnomalous: Bool?
  /// "train" or "test".
  public var split: String?
  public var durationSeconds: Double
  public var framesPerSecond: Double?
  /// The scores in time order; gaps are allowed, overlaps are not.
  public var scores: [ReportScore]
  /// The anomalies that the annotation knows; empty for a normal video, nil
  /// where there is no annotation.
  public var groundTruth: [ReportInterval]?
  /// The score from which a snippet counts as detected.
  public var threshold: Double?
  public var detections: [ReportInterval]
  public var keyFrames: [ReportKeyFrame]
  public var description: ReportDescription?
  /// The frame AUC within this video, where it holds both kinds of frame.
  public var areaUnderROC: Double?
  /// Plain lines under the card, such as damaged packets met on reading.
  public var notes: [String]

  public init(
    id: String, className: String? = nil, isAnomalous: Bool? = nil, split: String? = nil,
    durationSeconds: Double, framesPerSecond: Double? = nil, scores: [ReportScore],
    groundTruth: [ReportInterval]? = nil, threshold: Double? = nil,
    detections: [ReportInterval] = [], keyFrames: [ReportKeyFrame] = [],
    description: ReportDescription? = nil, areaUnderROC: Double? = nil, notes: [String] = []
  ) {
    self.id = id
    self.className = className
    self.isAnomalous = isAnomalous
    self.split = split
    self.durationSeconds = durationSeconds
    self.framesPerSecond = framesPerSecond
    self.scores = scores
    self.groundTruth = groundTruth
    self.threshold = threshold
    self.detections = detections
    self.keyFrames = keyFrames
    self.description = description
    self.areaUnderROC = areaUnderROC
    self.notes = notes
  }

  /// How the detection stands against what is known of the video; nil where
  /// there is no threshold or it is not known whether the video is anomalous.
  public var outcome: ReportOutcome? {
    guard threshold != nil, let isAnomalous else { return nil }
    guard isAnomalous else { return detections.isEmpty ? .quiet : .falseAlarm }
    guard let groundTruth, !groundTruth.isEmpty else {
      return detections.isEmpty ? .missed : .found
    }
    let isFound = detections.contains { detection in
      groundTruth.contains { detection.overlaps($0) }
    }
    return isFound ? .found : .missed
  }

  /// The highest score, the first of several; nil without scores.
  public var peak: ReportScore? {
    scores.reduce(nil) { best, next in
      guard let best else { return next }
      return next.score > best.score ? next : best
    }
  }

  func validate() throws {
    guard durationSeconds.isFinite, durationSeconds > 0 else {
      throw ReportError.badDuration(video: id, found: durationSeconds)
    }
    var end = -Double.infinity
    for (index, score) in scores.enumerated() {
      guard score.score.isFinite, (0...1).contains(score.score) else {
        throw ReportError.badScore(video: id, index: index, found: score.score)
      }
      guard score.startSeconds.isFinite, score.endSeconds.isFinite,
        score.startSeconds >= end - 1e-6, score.endSeconds > score.startSeconds
      else {
        throw ReportError.badRange(video: id, what: "score \(index)")
      }
      end = score.endSeconds
    }
    for (what, list) in [("ground truth", groundTruth ?? []), ("detection", detections)] {
      for (index, interval) in list.enumerated() {
        guard interval.startSeconds.isFinite, interval.endSeconds.isFinite,
          interval.endSeconds >= interval.startSeconds
        else {
          throw ReportError.badRange(video: id, what: "\(what) \(index)")
        }
      }
    }
    for (index, frame) in keyFrames.enumerated() where !frame.timestampSeconds.isFinite {
      throw ReportError.badRange(video: id, what: "key frame \(index)")
    }
    if let threshold, !threshold.isFinite {
      throw ReportError.badThreshold(video: id, found: threshold)
    }
  }
}
