import GRDB

/// Whose text it is: the n-th text of a level of an owner.
public struct LedgerTextUse: Codable, Sendable, Equatable, Hashable {
  public var recipeID: Int64
  /// `whole`, `sentence`, `field`, `class` or `piece`.
  public var level: String
  /// A video's id, or a class's name.
  public var ownerID: String
  public var position: Int
  /// A field's name; nil where texts have none.
  public var label: String?
  /// SHA-256 of the text, in hexadecimal.
  public var textHash: String

  public init(
    recipeID: Int64, level: String, ownerID: String, position: Int, label: String? = nil,
    textHash: String
  ) {
    self.recipeID = recipeID
    self.level = level
    self.ownerID = ownerID
    self.position = position
    self.label = label
    self.textHash = textHash
  }
}

extension LedgerTextUse: FetchableRecord, PersistableRecord {
  public static let databaseTableName = "textUses"
}
