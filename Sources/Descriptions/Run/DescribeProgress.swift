/// What happened to an item of a run. The progress, the summary and the exit of a run are all
/// derived from it.
public enum DescribeOutcome: Sendable {
  /// The item was described now.
  case described(Description)
  /// The same question was answered before, for this video or another.
  case alreadyAnswered
  /// The item has no description. `byServer`: a server was asked; false if the frames could
  /// not be read here.
  case failed(reason: String, byServer: Bool)
  /// Another process described the item, or failed with it, during this run.
  case finishedElsewhere
  /// No server is left; the item is not at fault.
  case serverLost(reason: String)
  /// The run was stopped.
  case interrupted
  /// Another process at the same ledger is working on the item.
  case heldElsewhere

  /// Whether the item is finished; false if this run or a later one must try it again.
  public var isFinal: Bool {
    switch self {
    case .described, .alreadyAnswered, .failed, .finishedElsewhere: true
    case .serverLost, .interrupted, .heldElsewhere: false
    }
  }
}

/// The progress of a run, reported after each finished item.
public struct DescribeProgress: Sendable {
  /// The item.
  public let videoID: String
  /// What happened to it; final.
  public let outcome: DescribeOutcome
  /// The number of items that this run finished so far, failed ones and this one included.
  public let finished: Int
  /// The number of items that this run has to do: all except those finished before it.
  public let total: Int
}

/// The results of a run.
public struct DescribeSummary: Codable, Sendable, Equatable {
  /// Items that were described in this run.
  public var done = 0
  /// Items that were not asked about, because the ledger has the answer.
  public var skipped = 0
  /// Items without a description, each with its cause in the ledger.
  public var failed = 0
  /// Items that other processes at the same ledger described, or failed with, during this run.
  public var elsewhere = 0
  /// Items that were not begun, or interrupted, because the run was stopped.
  public var pending = 0
  /// Of `done`, descriptions that were cut at the token limit.
  public var truncated = 0
  /// The number of stored descriptions with each finding.
  public var findings: [String: Int] = [:]
  /// Of all current descriptions, those with nearly the words of another video's.
  public var nearDuplicates = 0
  /// The largest number of videos with nearly the same description.
  public var largestDuplicateGroup = 0
  /// Of all current descriptions, those that match their frames unusually poorly.
  public var unlikeFrames = 0
  /// Of all current descriptions of labelled anomalies, those that name their class.
  public var namingTheirClass = 0
  /// Of all current descriptions, those of labelled anomalies.
  public var withClass = 0
  /// Wall time.
  public var seconds = 0.0
  /// The reasons of the first failures.
  public var failures: [String] = []
  /// Whether the run was stopped from outside.
  public var wasInterrupted = false
  /// Why no server could be asked any more; nil if one could.
  public var serverLost: String?
  /// Why the run stopped itself before its end; nil if it did not.
  public var stoppedBecause: String?

  /// The summary of a run that did nothing.
  public init() {}

  /// The maximum number of failures in `failures`.
  private static let listedFailures = 10

  /// Counts what happened to an item.
  mutating func count(_ outcome: DescribeOutcome) {
    switch outcome {
    case .described(let description):
      done += 1
      if description.status == .truncated { truncated += 1 }
      for finding in description.findings { findings[finding.rawValue, default: 0] += 1 }
    case .alreadyAnswered: skipped += 1
    case .failed(let reason, _):
      failed += 1
      if failures.count < Self.listedFailures { failures.append(reason) }
    case .serverLost(let reason):
      pending += 1
      serverLost = serverLost ?? reason
    case .interrupted: pending += 1
    case .heldElsewhere: break
    case .finishedElsewhere: elsewhere += 1
    }
  }
}
