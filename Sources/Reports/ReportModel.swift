import Foundation
import Video

/// The result of one video at the threshold.
public enum ReportOutcome: String, Codable, Sendable {
  /// An anomalous video with a detection that overlaps the annotated anomaly, or with any
  /// detection if there is no annotation.
  case found
  /// An anomalous video without such a detection.
  case missed
  /// A normal video with a detection.
  case falseAlarm = "false alarm"
  /// A normal video without a detection.
  case quiet
}

/// One video of a report.
public struct ReportVideo: Codable, Sendable, Equatable {
  public var id: String
  /// The class; nil if unknown.
  public var className: String?
  public var isAnomalous: Bool?
  /// "train" or "test".
  public var split: String?
  public var durationSeconds: Double
  public var framesPerSecond: Double?
  /// The scores in time order. Gaps are allowed, overlaps are not.
  public var scores: [ReportScore]
  /// One curve per class, of models that score classes; nil for other models.
  public var classCurves: [ReportClassCurve]?
  /// The annotated anomalies; empty for a normal video, nil without annotation.
  public var groundTruth: [ReportInterval]?
  /// The least score of a detected snippet.
  public var threshold: Double?
  public var detections: [ReportInterval]
  public var keyFrames: [ReportKeyFrame]
  public var description: ReportDescription?
  /// The frame AUC within this video, if it contains normal and anomalous frames.
  public var areaUnderROC: Double?
  /// Remarks under the card, such as damaged packets.
  public var notes: [String]

  public init(
    id: String, className: String? = nil, isAnomalous: Bool? = nil, split: String? = nil,
    durationSeconds: Double, framesPerSecond: Double? = nil, scores: [ReportScore],
    classCurves: [ReportClassCurve]? = nil, groundTruth: [ReportInterval]? = nil,
    threshold: Double? = nil,
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
    self.classCurves = classCurves
    self.groundTruth = groundTruth
    self.threshold = threshold
    self.detections = detections
    self.keyFrames = keyFrames
    self.description = description
    self.areaUnderROC = areaUnderROC
    self.notes = notes
  }

  /// The detections compared with the video's label and annotation; nil without a
  /// threshold or a label.
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

  /// The highest score, the first of equals; nil without scores.
  public var peak: ReportScore? { ReportScore.peak(of: scores) }

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
    for curve in classCurves ?? [] {
      guard curve.scores.count == scores.count else {
        throw ReportError.badClassCurve(
          video: id, name: curve.name, found: curve.scores.count, expected: scores.count)
      }
      if let index = curve.scores.firstIndex(where: { !$0.isFinite || !(0...1).contains($0) }) {
        throw ReportError.badClassScore(
          video: id, name: curve.name, index: index, found: curve.scores[index])
      }
    }
    for (what, list) in [("ground truth", groundTruth ?? []), ("detection", detections)] {
      for (index, interval) in list.enumerated() {
        guard interval.startSeconds.isFinite, interval.endSeconds.isFinite,
          interval.endSeconds >= interval.startSeconds
        else {
          throw ReportError.badRange(video: id, what: "\(what) \(index)")
        }
        if let score = interval.classScore, !(0...1).contains(score) {
          throw ReportError.badClassScore(
            video: id, name: interval.className ?? "", index: index, found: score)
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

/// One score and its interval of time.
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

  /// The highest of several scores, the first of equals; nil without scores.
  static func peak(of scores: [ReportScore]) -> ReportScore? {
    scores.reduce(nil) { best, next in
      guard let best else { return next }
      return next.score > best.score ? next : best
    }
  }

  /// The scores of consecutive snippets of `framesPerSnippet` frames. The last snippet
  /// ends with the video, and snippets that begin after its end are dropped.
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

/// One class's scores over a video, drawn as a thin line beside the anomaly score.
public struct ReportClassCurve: Codable, Sendable, Equatable {
  /// The class, such as "Fighting".
  public var name: String
  /// One score in 0...1 per entry of `ReportVideo.scores`, in the same order.
  public var scores: [Double]

  public init(name: String, scores: [Double]) {
    self.name = name
    self.scores = scores
  }
}

/// A half-open interval of a video's time.
public struct ReportInterval: Codable, Sendable, Equatable {
  public var startSeconds: Double
  public var endSeconds: Double
  /// A detection's most likely class, of models that score classes.
  public var className: String?
  /// The class's score, 0...1.
  public var classScore: Double?

  public init(
    startSeconds: Double, endSeconds: Double, className: String? = nil, classScore: Double? = nil
  ) {
    self.startSeconds = startSeconds
    self.endSeconds = endSeconds
    self.className = className
    self.classScore = classScore
  }

  /// Whether the two intervals share any time.
  public func overlaps(_ other: ReportInterval) -> Bool {
    startSeconds < other.endSeconds && other.startSeconds < endSeconds
  }

  /// Intervals in order. Those of one class that touch or overlap are joined.
  public static func joined(_ intervals: [ReportInterval]) -> [ReportInterval] {
    var result: [ReportInterval] = []
    for next in intervals.sorted(by: { $0.startSeconds < $1.startSeconds }) {
      // Starts and ends are quotients, so a rounding error is no gap.
      if let last = result.last, next.startSeconds - last.endSeconds < 1e-3,
        next.className == last.className
      {
        result[result.count - 1].endSeconds = max(last.endSeconds, next.endSeconds)
      } else {
        result.append(next)
      }
    }
    return result
  }
}

/// A key frame of a video.
public struct ReportKeyFrame: Codable, Sendable, Equatable {
  public var timestampSeconds: Double
  /// The picture as JPEG or PNG bytes. A width of 240 pixels suffices.
  public var image: Data?
  /// The frame's role in the selection, such as "peak".
  public var role: String?
  /// The reason for its choice, in words.
  public var reason: String?

  public init(
    timestampSeconds: Double, image: Data?, role: String? = nil, reason: String? = nil
  ) {
    self.timestampSeconds = timestampSeconds
    self.image = image
    self.role = role
    self.reason = reason
  }

  /// A key frame with a thumbnail of a picture: 240 pixels wide, or unchanged if the
  /// picture is smaller; 5 to 15 kB.
  public init(
    timestampSeconds: Double, thumbnailOf picture: RGBImage, role: String? = nil,
    reason: String? = nil
  ) throws {
    let width = 240
    let small =
      picture.width <= width
      ? picture
      : picture.resized(width: width, height: max(1, picture.height * width / picture.width))
    self.init(
      timestampSeconds: timestampSeconds, image: try JPEGCodec.encode(small, quality: 80),
      role: role, reason: reason)
  }
}

/// A description and its describer.
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

/// One metric of one variant of the detector, with a value per seed. Metrics of the same
/// name share one axis.
public struct ReportMetric: Codable, Sendable, Equatable {
  /// The metric's name, such as "Frame AUC".
  public var name: String
  /// The detector, such as "with descriptions".
  public var variant: String
  /// The value of each seed's run, in seed order, 0...1. At least one.
  public var values: [Double]
  /// The value of a random detector: 0.5 for AUC, the share of positive frames for AP.
  public var chance: Double?

  public init(name: String, variant: String, values: [Double], chance: Double? = nil) {
    self.name = name
    self.variant = variant
    self.values = values
    self.chance = chance
  }

  /// The mean over the seeds.
  public var mean: Double {
    values.reduce(0, +) / Double(max(values.count, 1))
  }

  /// The sample standard deviation over the seeds (divisor n - 1); nil for a
  /// single seed.
  public var standardDeviation: Double? {
    guard values.count > 1 else { return nil }
    let mean = mean
    let sum = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    return (sum / Double(values.count - 1)).squareRoot()
  }
}

/// One stage of the pipeline: its implementation, its model and its work.
public struct ReportStage: Codable, Sendable, Equatable {
  /// A learned model or server, the built-in substitute, or a file that somebody else made.
  public enum Implementation: String, Codable, Sendable {
    case real
    case builtIn = "builtin"
    case imported
  }

  /// The stage's name in the pipeline, such as "describe".
  public var stage: String
  /// Real, built-in or imported; nil for a stage with only one implementation.
  public var implementation: Implementation?
  /// The implementation in words, such as "CLIP ViT-B/16 image encoder".
  public var used: String
  /// The model's id, such as "openai/clip-vit-base-patch16".
  public var model: String?
  public var revision: String?
  /// The cache key or run id of the stage's output.
  public var key: String?
  /// The number of handled items and their name, such as "80 videos".
  public var items: Int?
  public var itemName: String?
  /// The number of items that failed.
  public var failed: Int?
  public var seconds: Double?

  public init(
    stage: String, implementation: Implementation? = nil, used: String, model: String? = nil,
    revision: String? = nil, key: String? = nil, items: Int? = nil, itemName: String? = nil,
    failed: Int? = nil, seconds: Double? = nil
  ) {
    self.stage = stage
    self.implementation = implementation
    self.used = used
    self.model = model
    self.revision = revision
    self.key = key
    self.items = items
    self.itemName = itemName
    self.failed = failed
    self.seconds = seconds
  }
}
