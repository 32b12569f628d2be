/// What one epoch gave: a line of the run's `metrics.jsonl`.
public struct EpochMetrics: Codable, Sendable, Equatable {
  /// Counted from 1.
  public var epoch: Int
  public var steps: Int
  public var learningRate: Double
  /// Means over the epoch's steps.
  public var loss: Double
  public var binaryLoss: Double
  /// Nil without the Description Boosted Module or without descriptions.
  public var descriptionLoss: Double?
  /// Binary loss of the held-out training videos.
  public var validationLoss: Double?
  /// Area under ROC of the held-out training videos by their top-k mean score.
  public var validationAUC: Double?
  /// Whether these weights are the ones to keep so far.
  public var isBest: Bool
  /// Wall time.
  public var seconds: Double
}
