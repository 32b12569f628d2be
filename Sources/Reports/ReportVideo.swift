import Foundation

/// A stretch of a video's time, half-open.
public struct ReportInterval: Codable, Sendable, Equatable {
  public var startSeconds: Double
  public var endSeconds: Double

  public init(startSeconds: Double, endSeconds: Double) {
    self.startSeconds = startSeconds
    self.endSeconds = endSeconds
  }
}

/// One score and the stretch of time that it stands for.
public struct ReportScore: Codable, Sendable, Equatable {
  public var startSeconds: Double
  public var endSeconds: Double
  /// The anomaly score, 0...1.
  public var score: Double

  public init(startSeconds: Double, endSeconds: Double, score: Double) {
    self.startSeconds = startSeconds
    self.endSeconds = endSeconds
    self.score = score
  }

  /// The scores of consecutive snippets of `framesPerSnippet` frames; the last
  /// one reaches to the video's end.
  ///
  /// - Parameter durationSeconds: the video's length; the ranges are clipped to it.
  public static func snippets(
    _ scores: [Float], framesPerSnippet: Int = 16, framesPerSecond: Double,
    durationSeconds: Double
  ) -> [ReportScore] {
    precondition(framesPerSnippet > 0 && framesPerSecond > 0, "snippets need a length")
    let length = Double(framesPerSnippet) / framesPerSecond
    return scores.indices.compactMap { index in
      let start = Double(index) * length
      let isLast = index == scores.count - 1
      let end = isLast ? durationSeconds : min(durationSeconds, start + length)
      guard end > start else { return nil }
      return ReportScore(startSeconds: start, endSeconds: end, score: Double(scores[index]))
    }
  }
}

/// A key frame as the report shows it.
public struct ReportKeyFrame: Codable, Sendable, Equatable {
  public var timestampSeconds: Double
  /// The picture as JPEG (or PNG) bytes; a width of 240 pixels is plenty.
  public var image: Data?
  /// The frame's role in the selection, such as "peak".
  public var role: String?
  /// Why it was chosen, in words.
  public var reason: String?

  public init(
    timestampSeconds: Double, image: Data?, role: String? = nil, reason: String? = nil
  ) {
    self.timestampSeconds = timestampSeconds
    self.image = image
    self.role = role
    self.reason = reason
  }
}

/// A description and who wrote it.
public struct ReportDescription: Codable, Sendable, Equatable {
  public var text: String
  /// The describer, such as "Qwen/Qwen2.5-VL-7B-Instruct" or "built-in".
  public var describer: String
  public var implementation: ReportStage.Implementation?
  public var revision: String?

  public init(
    text: String, describer: String, implementation: ReportStage.Implementation? = nil,
    revision: String? = nil
  ) {
    self.text = text
    self.describer = describer
    self.implementation = implementation
    self.revision = revision
  }
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
