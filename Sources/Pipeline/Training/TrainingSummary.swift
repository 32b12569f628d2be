import Detectors
import Foundation

/// What a training came to.
public struct TrainingSummary: Sendable {
  /// One run of the request.
  public struct Run: Sendable {
    public enum State: String, Sendable {
      case trained, resumed, kept, failed, stopped
    }

    public var id: String
    public var state: State
    /// Nil where it is not finished.
    public var record: RunRecord?
    /// What was to be trained; nil where nothing was to do, and the checkpoint has it.
    public var plan: DetectorPlan?
    /// Why it failed, in a line; nil for other states.
    public var reason: String?
    /// Whether it failed because a loss or a gradient was not finite.
    public var hasDiverged: Bool

    init(
      id: String, state: State, record: RunRecord? = nil, plan: DetectorPlan? = nil,
      reason: String? = nil, hasDiverged: Bool = false
    ) {
      self.id = id
      self.state = state
      self.record = record
      self.plan = plan
      self.reason = reason
      self.hasDiverged = hasDiverged
    }
  }

  public var runs: [Run]
  /// Listed training videos without a file or features that were left out, as allowed.
  public var absentVideos: [String]
  /// Whether nothing was to do: every run was finished, over the same files.
  public var isUpToDate: Bool
  /// The training page; nil where no run has made a step.
  public var page: URL?

  public var hasFailures: Bool { runs.contains { $0.state == .failed } }
}
