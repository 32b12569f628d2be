import GRDB

/// A file of vectors, written once and never changed.
public struct LedgerTextShard: Codable, Sendable, Equatable {
  /// Given by the ledger when it is stored.
  public var id: Int64?
  public var recipeID: Int64
  /// The file's name in the recipe's folder.
  public var name: String
  public var rowCount: Int
  public var byteCount: Int
  /// SHA-256 of the file.
  public var fileHash: String

  public init(recipeID: Int64, name: String, rowCount: Int, byteCount: Int, fileHash: String) {
    self.recipeID = recipeID
    self.name = name
    self.rowCount = rowCount
    self.byteCount = byteCount
    self.fileHash = fileHash
  }
}

extension LedgerTextShard: FetchableRecord, MutablePersistableRecord {
  public static let databaseTableName = "textShards"

  public mutating func didInsert(_ inserted: InsertionSuccess) { id = inserted.rowID }
}
