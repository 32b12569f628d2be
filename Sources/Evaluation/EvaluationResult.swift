/// A metric's value, or why it has none.
public struct MetricValue: Codable, Sendable, Equatable {
  /// The value; nil where it is not defined.
  public var value: Double?
  /// Why there is no value.
  public var reason: String?
  /// The 95% interval by resampling videos, where computed.
  public var interval: ConfidenceInterval?

  public init(value: Double?, reason: String? = nil, interval: ConfidenceInterval? = nil) {
    self.value = value
    self.reason = value == nil ? reason : nil
    self.interval = interval
  }
}

/// A percentile interval.
public struct ConfidenceInterval: Codable, Sendable, Equatable {
  public var lower: Double
  public var upper: Double
  /// Resamples with a defined value, of those drawn.
  public var usedResamples: Int
  public var resamples: Int
}

/// One video's own result.
public struct VideoEvaluation: Codable, Sendable, Equatable {
  public var id: String
  public var className: String
  public var frameCount: Int
  public var positiveFrames: Int
  /// Within this video alone; nil where it holds one class of frames only.
  public var areaUnderROC: Double?
  public var maximumScore: Float
  public var meanScore: Float
}

/// One class of videos, pooled with all normal videos.
public struct ClassEvaluation: Codable, Sendable, Equatable {
  public var className: String
  public var videoCount: Int
  /// By the anomaly scores: frames of the class's videos and of all normal ones.
  public var areaUnderROC: MetricValue
  /// By the class's own scores: frames in events of its videos against all other frames.
  /// Nil for a detector without class scores.
  public var classScoreAreaUnderROC: MetricValue?
}

/// A second anomaly score over the same frames: 1 minus the normal class's score. VadCLIP calls
/// its figures AUC2 and AP2, those of the binary score AUC1 and AP1; its paper reports AUC1 for
/// UCF-Crime and AP2 for XD-Violence.
public struct AnomalyScoreEvaluation: Codable, Sendable, Equatable {
  public var distinctScoreCount: Int
  public var areaUnderROC: MetricValue
  public var averagePrecision: MetricValue
  public var anomalousVideosAreaUnderROC: MetricValue
}

/// What an evaluation found, with the counts that tell whether two results can
/// be compared.
public struct EvaluationResult: Codable, Sendable, Equatable {
  public var videoCount: Int
  public var anomalousVideoCount: Int
  public var frameCount: Int
  public var positiveFrameCount: Int
  public var distinctScoreCount: Int
  public var snippetLength: Int
  public var tail: FrameGroundTruth.Tail
  /// Over the frames of all videos.
  public var areaUnderROC: MetricValue
  /// Over the frames of all videos, one step a distinct score.
  public var averagePrecision: MetricValue
  /// The optimistic variant of `averagePrecision` that some papers report.
  public var precisionRecallTrapezoid: MetricValue
  /// Over the frames of abnormal videos (AnoAUC).
  public var anomalousVideosAreaUnderROC: MetricValue
  /// The mean of the videos' own areas, over videos with both classes of frames.
  public var withinVideoAreaUnderROC: MetricValue
  public var classes: [ClassEvaluation]
  public var videos: [VideoEvaluation]
  /// The same by the class scores; nil for a detector without them.
  public var classScores: AnomalyScoreEvaluation?
  /// mAP@IoU; nil for a detector without class scores, and where `segmentsReason` says why.
  public var segments: SegmentResult?
  /// Why there is no mAP@IoU although there are class scores.
  public var segmentsReason: String?
}
