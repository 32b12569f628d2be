import GRDB

/// A text with the place of its vector.
public struct PlacedText: Sendable, Equatable {
  public let use: LedgerTextUse
  public let vector: LedgerTextVector
}

/// The texts of one level that have a vector, by owner and position, as the ledger has
/// them at one moment: read one after the other, never all in memory.
public struct PlacedTexts {
  private let database: Database
  private let recipe: Int64
  private let level: String

  fileprivate init(_ database: Database, recipe: Int64, level: String) {
    self.database = database
    self.recipe = recipe
    self.level = level
  }

  private static let joined = """
    FROM textUses JOIN textVectors ON textVectors.recipeID = textUses.recipeID
      AND textVectors.textHash = textUses.textHash
    WHERE textUses.recipeID = ? AND textUses.level = ?
    """

  /// How many there are.
  public func count() throws -> Int {
    try Int.fetchOne(
      database, sql: "SELECT COUNT(*) \(Self.joined)", arguments: [recipe, level]) ?? 0
  }

  /// Calls `body` with each of them, in order.
  public func forEachText(_ body: (PlacedText) throws -> Void) throws {
    let rows = try Row.fetchCursor(
      database,
      sql: """
        SELECT textUses.ownerID, position, label, textUses.textHash, shardID, row, tokens,
          readTokens, pieces \(Self.joined) ORDER BY textUses.ownerID, position
        """, arguments: [recipe, level])
    while let row = try rows.next() {
      let hash: String = row[3]
      try body(
        PlacedText(
          use: LedgerTextUse(
            recipeID: recipe, level: level, ownerID: row[0], position: row[1], label: row[2],
            textHash: hash),
          vector: LedgerTextVector(
            recipeID: recipe, textHash: hash, shardID: row[4], row: row[5], tokens: row[6],
            readTokens: row[7], pieces: row[8])))
    }
  }
}

extension Ledger {
  /// Hands over the texts of a level that have a vector. They are those of one moment
  /// until `body` returns, whatever others store meanwhile.
  public func readPlacedTexts<Value>(
    recipe: Int64, level: String, _ body: (PlacedTexts) throws -> Value
  ) throws -> Value {
    try reading { try body(PlacedTexts($0, recipe: recipe, level: level)) }
  }
}
