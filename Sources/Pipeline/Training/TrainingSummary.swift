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
