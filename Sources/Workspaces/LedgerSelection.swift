import Foundation
import GRDB

/// A choice of frames for a video.
public struct LedgerSelection: Codable, Sendable, Equatable {
  /// The video.
  public var videoID: String
  /// Hash of everything that decides the choice: strategy, scorer, queries,
  /// parameters and the video's fingerprint.
  public var key: String
  /// `kess`, `uniform` or `topk`.
  public var strategy: String
  /// Which scorer was used, with its model.
  public var scorer: String
  /// The selection record's file, relative to the workspace.
  public var recordPath: String?
  /// When it was stored.
  public var created: Date

  public init(
    videoID: String, key: String, strategy: String, scorer: String, recordPath: String? = nil,
    created: Date = Date()
  ) {
    self.videoID = videoID
    self.key = key
    self.strategy = strategy
    self.scorer = scorer
    self.recordPath = recordPath
    self.created = created
  }
}

extension LedgerSelection: FetchableRecord, PersistableRecord {
  public static let databaseTableName = "selections"
}
