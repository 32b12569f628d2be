import Datasets
import Evaluation
import Foundation
import KeyEvents
import Records
import Reports
import Video
import Workspaces

/// Puts together what a report shows of each video.
public struct ReportBuilder: Sendable {
  private let threshold: Float
  private let classes: ScoredClasses

  /// - Parameter classes: what the columns of class scores stand for.
  public init(threshold: Float, classes: ScoredClasses = ScoredClasses()) {
    self.threshold = threshold
    self.classes = classes
  }

  /// One video's card: curves, detections, and what is known beside it.
  public func video(
    _ item: ScoredVideo, split: String? = nil, keyFrames: [ReportKeyFrame] = [],
    description: ReportDescription? = nil, areaUnderROC: Double? = nil
  ) -> ReportVideo {
    let rate = item.knownFrameRate
    let duration = max(Double(item.frameCount) / rate, 1 / rate)
    let scores = ReportScore.snippets(
      item.scores, framesPerSnippet: Snippet.frameCount, framesPerSecond: rate,
      durationSeconds: duration)
    return ReportVideo(
      id: item.id, className: item.classNames.isEmpty ? nil : item.className,
      isAnomalous: item.isAnomalous, split: split, durationSeconds: duration,
      framesPerSecond: rate,
      scores: scores,
      classCurves: classCurves(of: item, count: scores.count),
      groundTruth: item.events.map { events in
        events.map { event in
          ReportInterval(
            startSeconds: min(Double(event.lowerBound) / rate, duration),
            endSeconds: min(Double(event.upperBound) / rate, duration))
        }
      },
      threshold: Double(threshold),
      detections: classes.intervals(of: item, over: threshold).map {
        ReportInterval(
          startSeconds: $0.startSeconds, endSeconds: $0.endSeconds, className: $0.className,
          classScore: $0.classScore.map { min(max(Double($0), 0), 1) })
      },
      keyFrames: keyFrames, description: description, areaUnderROC: areaUnderROC)
  }

  /// A curve per anomaly class; nil for a detector without class scores.
  private func classCurves(of item: ScoredVideo, count: Int) -> [ReportClassCurve]? {
    guard item.classScores != nil else { return nil }
    return classes.anomalies.compactMap { index, name in
      item.scores(ofClass: index).map {
        ReportClassCurve(name: name, scores: $0.prefix(count).map { min(max(Double($0), 0), 1) })
      }
    }
  }

  /// Chosen frames as thumbnails.
  public static func keyFrames(_ frames: [VideoFrame], record: SelectionRecord) throws
    -> [ReportKeyFrame]
  {
    try zip(frames, record.frames).map { frame, entry in
      try ReportKeyFrame(
        timestampSeconds: frame.timestampSeconds, thumbnailOf: frame.image,
        role: entry.role.rawValue, reason: entry.reason)
    }
  }

  /// The same from the pictures beside a record, which need no decoding of the video; nil
  /// where one of them is missing or cannot be read.
  static func keyFrames(besideRecord file: URL, _ record: SelectionRecord) -> [ReportKeyFrame]? {
    let folder = file.deletingLastPathComponent()
    let frames = record.frames.compactMap { entry -> ReportKeyFrame? in
      guard let name = entry.image, name.hasSuffix(".jpg"),
        let data = try? Data(contentsOf: folder.appendingPathComponent(name)),
        let image = try? JPEGCodec.decode(data, name: name)
      else { return nil }
      return try? ReportKeyFrame(
        timestampSeconds: entry.timestampSeconds, thumbnailOf: image, role: entry.role.rawValue,
        reason: entry.reason)
    }
    return frames.count == record.frames.count ? frames : nil
  }

  /// A stage's row.
  public static func stage(_ record: StageRecord) -> ReportStage {
    ReportStage(
      stage: record.stage,
      implementation: record.isImported == true
        ? .imported : record.isBuiltIn ? .builtIn : .real, used: record.used,
      items: record.items, itemName: record.itemName,
      failed: record.failed > 0 ? record.failed : nil,
      seconds: record.seconds)
  }
}
