import Foundation
import GRDB

/// One way in which texts become vectors: an encoder with everything that
/// decides its vectors.
public struct LedgerTextRecipe: Codable, Sendable, Equatable {
  /// Given by the ledger when it is stored.
  public var id: Int64?
  /// The recipe's short name, also that of its folder.
  public var key: String
  /// The whole recipe as JSON.
  public var record: String
  public var created: Date

  public init(key: String, record: String, created: Date = Date()) {
    self.key = key
    self.record = record
    self.created = created
  }
}

extension LedgerTextRecipe: FetchableRecord, MutablePersistableRecord {
  public static let databaseTableName = "textRecipes"

  public mutating func didInsert(_ inserted: InsertionSuccess) { id = inserted.rowID }
}
