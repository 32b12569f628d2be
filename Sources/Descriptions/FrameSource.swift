import Datasets
import Workspaces

/// Where a run gets a video's chosen frames. Calls block, and come from several
/// threads at once.
public protocol FrameSource: Sendable {
  /// Hash of everything that decides the choice for a video: strategy, scorer,
  /// queries, parameters and the video's fingerprint. Cheap: nothing is decoded, so
  /// that a finished run is seen to be finished at once.
  func selectionKey(for video: DatasetVideo, fingerprint: VideoFingerprint) throws -> String
  /// Chooses a video's frames, or reads an earlier choice with the same key, and
  /// decodes them.
  func frames(for video: DatasetVideo, fingerprint: VideoFingerprint) throws -> ChosenFrames
}

/// A video's chosen frames, as a describer gets them.
public struct ChosenFrames: Sendable {
  /// In time order.
  public var frames: [FrameForDescription]
  /// The video's duration.
  public var durationSeconds: Double
  /// The choice, as the ledger keeps it.
  public var selection: LedgerSelection

  public init(
    frames: [FrameForDescription], durationSeconds: Double, selection: LedgerSelection
  ) {
    self.frames = frames
    self.durationSeconds = durationSeconds
    self.selection = selection
  }
}
