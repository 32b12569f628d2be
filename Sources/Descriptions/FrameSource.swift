import Datasets
import Foundation
import Workspaces

/// Where a run gets a video's chosen frames. Calls block, and come from several
/// threads at once.
public protocol FrameSource: Sendable {
  /// Hash of everything that decides the choice for a video: strategy, scorer,
  /// queries, parameters and the video's fingerprint. Cheap: nothing is decoded, so
  /// that a finished run is seen to be finished at once.
  func selectionKey(for video: DatasetVideo, fingerprint: VideoFingerprint) throws -> String
  /// Chooses a video's frames, or reads an earlier choice with the same key, which
  /// decodes nothing.
  func choice(for video: DatasetVideo, fingerprint: VideoFingerprint) throws -> FrameChoice
}

/// Which frames of a video were chosen.
public struct FrameChoice: Sendable {
  /// The frames' numbers in display order, in time order.
  public var frameIndices: [Int]
  /// The video's duration.
  public var durationSeconds: Double
  /// The choice, as the ledger keeps it.
  public var selection: LedgerSelection
  /// Where its frames may be kept as they are sent; nil for nowhere.
  public var readyFile: URL?
  private let decoded: @Sendable () throws -> [FrameForDescription]

  /// - Parameter decoded: gives the frames, in the order of `frameIndices`: those that
  ///   choosing has decoded, else by decoding them.
  public init(
    frameIndices: [Int], durationSeconds: Double, selection: LedgerSelection,
    readyFile: URL? = nil, decoded: @escaping @Sendable () throws -> [FrameForDescription]
  ) {
    self.frameIndices = frameIndices
    self.durationSeconds = durationSeconds
    self.selection = selection
    self.readyFile = readyFile
    self.decoded = decoded
  }

  /// The frames at the video's own size. It blocks.
  ///
  /// - Throws: `VideoError`.
  public func frames() throws -> [FrameForDescription] { try decoded() }
}
