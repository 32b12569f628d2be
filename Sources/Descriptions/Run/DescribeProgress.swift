/// How far a run is; given after each item.
public struct DescribeProgress: Sendable {
  /// What became of the item.
  public enum Outcome: Sendable {
    /// It was described now.
    case described(text: String, truncated: Bool)
    /// The same question was answered before, for this video or another.
    case shared
    /// It has no description.
    case failed(reason: String)
    /// Another process described it, or failed with it, during this run.
    case elsewhere
  }

  /// The item.
  public let videoID: String
  public let outcome: Outcome
  /// Items that came to an end in this run, this one included, failed ones too.
  public let finished: Int
  /// Items that this run has to do: all but those that were finished before it.
  public let total: Int
}

/// What a run came to.
public struct DescribeSummary: Codable, Sendable, Equatable {
  /// Described in this run.
  public var done = 0
  /// Not asked about, because the ledger has the answer.
  public var skipped = 0
  /// Without a description, each with its cause in the ledger.
  public var failed = 0
  /// Described, or failed, by other processes at the same ledger during this run.
  public var elsewhere = 0
  /// Not begun, or broken off, because the run was stopped.
  public var pending = 0
  /// Of those done, cut at the token limit.
  public var truncated = 0
  /// What was found wrong or odd with descriptions that were kept, by finding.
  public var findings: [String: Int] = [:]
  /// Of all present descriptions, those with nearly the words of another video's.
  public var nearDuplicates = 0
  /// The most videos with nearly the same description.
  public var largestDuplicateGroup = 0
  /// Of all present descriptions, those that fit their frames far worse than the rest.
  public var unlikeFrames = 0
  /// Of all present descriptions of labelled anomalies, those that name their class.
  public var namingTheirClass = 0
  public var withClass = 0
  /// Wall time.
  public var seconds = 0.0
  /// The first failures, in words.
  public var failures: [String] = []
  /// Whether the run was stopped from outside.
  public var wasInterrupted = false
  /// Why no server could be asked any more; nil where it could.
  public var serverLost: String?

  /// Why the run stopped itself before its end; nil where it did not.
  public var stoppedBecause: String?

  /// Of a run that did nothing.
  public init() {}

  /// How many failures are listed in words.
  static let listedFailures = 10
}
