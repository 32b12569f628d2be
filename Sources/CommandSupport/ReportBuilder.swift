import Datasets
import Descriptions
import Evaluation
import Foundation
import KeyEvents
import Pipeline
import Reports
import Video
import Workspaces

/// Puts together what a report shows of each video.
public struct ReportBuilder: Sendable {
  private let threshold: Float

  public init(threshold: Float) {
    self.threshold = threshold
  }

  /// One video's card: curve, detections, and what is known beside it.
  public func video(
    _ item: DetectionRun.Scored, label: DatasetVideo? = nil, events: [Range<Int>]? = nil,
    keyFrames: [ReportKeyFrame] = [], description: ReportDescription? = nil,
    areaUnderROC: Double? = nil
  ) -> ReportVideo {
    let record = item.record
    let rate = record.frameRate > 0 ? record.frameRate : 25
    let duration = max(Double(record.frameCount) / rate, 1 / rate)
    return ReportVideo(
      id: item.id, className: label?.classNames?.joined(separator: ", "),
      isAnomalous: label?.isAnomalous, split: label?.split, durationSeconds: duration,
      framesPerSecond: rate,
      scores: ReportScore.snippets(
        item.scores, framesPerSnippet: 16, framesPerSecond: rate, durationSeconds: duration),
      groundTruth: events.map { events in
        events.map { event in
          ReportInterval(
            startSeconds: min(Double(event.lowerBound) / rate, duration),
            endSeconds: min(Double(event.upperBound) / rate, duration))
        }
      },
      threshold: Double(threshold),
      detections: intervals(of: item).map {
        ReportInterval(startSeconds: $0.startSeconds, endSeconds: $0.endSeconds)
      },
      keyFrames: keyFrames, description: description, areaUnderROC: areaUnderROC)
  }

  /// The stretches over the threshold.
  public func intervals(of item: DetectionRun.Scored) -> [DetectedIntervals.Interval] {
    DetectedIntervals.find(in: item.scores, threshold: threshold) {
      item.record.interval(ofSnippet: $0)
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

  /// A stage's row.
  public static func stage(_ record: StageRecord) -> ReportStage {
    ReportStage(
      stage: record.stage, implementation: record.isBuiltIn ? .builtIn : .real, used: record.used,
      items: record.items, itemName: record.itemName,
      failed: record.failed > 0 ? record.failed : nil,
      seconds: record.seconds)
  }
}
