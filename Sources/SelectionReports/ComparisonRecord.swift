import KeyEvents

/// A comparison of strategies as JSON.
public struct ComparisonRecord: Encodable, Sendable {
  /// The format that this version writes.
  public static let currentFormat = 1

  public var format = Self.currentFormat
  /// The video's path, or the score file's.
  public var subject: String
  public var scorer: ScorerIdentity
  /// How many frames each strategy was asked for.
  public var frames: Int
  /// How many candidates there were.
  public var candidates: Int
  public var durationSeconds: Double
  /// The dials of all strategies.
  public var parameters: SelectionParameters
  /// What embeddings are: visual redundancy is measured with them; nil without.
  public var embeddingsBy: String?
  public var events: [KeyEvent]
  public var strategies: [StrategyComparison.Row]
  /// The picture's path.
  public var picture: String

  public init(
    subject: String, scorer: ScorerIdentity, embeddingsBy: String?, picture: String,
    comparison: StrategyComparison
  ) {
    self.subject = subject
    self.scorer = scorer
    frames = comparison.frames
    candidates = comparison.curve.count
    durationSeconds = comparison.curve.durationSeconds
    parameters = comparison.parameters
    self.embeddingsBy = embeddingsBy
    events = comparison.events
    strategies = comparison.rows
    self.picture = picture
  }
}
