import GRDB

/// Where one text's vector is: a row of a shard file of one text encoder.
public struct LedgerTextFeature: Codable, Sendable, Equatable {
  /// Hash of the text encoder and its parameters.
  public var key: String
  /// Whose text it is: a video id, or a name of the embedder's own.
  public var ownerID: String
  /// SHA-256 of the text.
  public var textHash: String
  /// The shard file, relative to the workspace.
  public var shard: String
  /// The row in it.
  public var row: Int

  public init(key: String, ownerID: String, textHash: String, shard: String, row: Int) {
    self.key = key
    self.ownerID = ownerID
    self.textHash = textHash
    self.shard = shard
    self.row = row
  }
}

extension LedgerTextFeature: FetchableRecord, PersistableRecord {
  public static let databaseTableName = "textFeatures"
}
