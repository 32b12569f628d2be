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

/// What the ledger says of one recipe's vectors.
public struct LedgerTextStatistics: Codable, Sendable, Equatable {
  /// Vectors that there are.
  public var vectors: Int
  public var shards: Int
  /// Bytes of the shard files.
  public var bytes: Int
  /// Vectors that no owner uses any more.
  public var unused: Int
  /// Texts by level.
  public var texts: [String: Int]
  /// Whole descriptions that have a vector.
  public var descriptions: Int
  /// Those over the encoder's limit.
  public var overLimit: Int
  /// Those of which a part was lost.
  public var truncated: Int
  /// Tokens of whole descriptions before any cut; nil where the encoder cannot count.
  public var tokensBefore: Int?
  /// Tokens of them that were read.
  public var tokensRead: Int?
  public var longestTokens: Int?
}

extension Ledger {
  /// Counts over one recipe.
  public func textStatistics(recipe: Int64) throws -> LedgerTextStatistics {
    try reading { database in
      func number(_ sql: String) throws -> Int {
        try Int.fetchOne(database, sql: sql, arguments: [recipe]) ?? 0
      }
      let whole = try Row.fetchOne(
        database,
        sql: """
          SELECT COUNT(*) AS n, SUM(pieces > 1 OR readTokens < tokens) AS over,
            SUM(readTokens < tokens) AS cut, SUM(tokens) AS tokens, SUM(readTokens) AS read,
            MAX(tokens) AS longest
          FROM textUses JOIN textVectors USING (recipeID, textHash)
          WHERE recipeID = ? AND level = 'whole'
          """, arguments: [recipe])
      let levels = try Row.fetchAll(
        database,
        sql: "SELECT level, COUNT(*) AS n FROM textUses WHERE recipeID = ? GROUP BY level",
        arguments: [recipe])
      return LedgerTextStatistics(
        vectors: try number("SELECT COUNT(*) FROM textVectors WHERE recipeID = ?"),
        shards: try number("SELECT COUNT(*) FROM textShards WHERE recipeID = ?"),
        bytes: try number("SELECT SUM(byteCount) FROM textShards WHERE recipeID = ?"),
        unused: try number(
          """
          SELECT COUNT(*) FROM textVectors WHERE recipeID = ?1 AND textHash NOT IN
            (SELECT textHash FROM textUses WHERE recipeID = ?1)
          """),
        texts: levels.reduce(into: [:]) { $0[$1["level"] as String] = $1["n"] as Int },
        descriptions: whole?["n"] ?? 0, overLimit: whole?["over"] ?? 0,
        truncated: whole?["cut"] ?? 0, tokensBefore: whole?["tokens"], tokensRead: whole?["read"],
        longestTokens: whole?["longest"])
    }
  }
}

extension Ledger {
  /// Forgets texts that are nobody's: of videos without a description, and vectors
  /// that no owner uses.
  ///
  /// - Parameter isTrial: count only, and change nothing.
  /// - Returns: how many vectors go.
  public func collectUnusedText(recipe: Int64, isTrial: Bool) throws -> Int {
    try writing { database in
      var count = 0
      try database.inSavepoint {
        try database.execute(
          sql: """
            DELETE FROM textUses WHERE recipeID = ? AND level <> 'class' AND ownerID NOT IN
              (SELECT id FROM videos WHERE descriptionKey IS NOT NULL)
            """, arguments: [recipe])
        try database.execute(
          sql: """
            DELETE FROM textVectors WHERE recipeID = ?1 AND textHash NOT IN
              (SELECT textHash FROM textUses WHERE recipeID = ?1)
            """, arguments: [recipe])
        count = database.changesCount
        return isTrial ? .rollback : .commit
      }
      return count
    }
  }

  /// Forgets a recipe without vectors.
  ///
  /// - Returns: whether it had none.
  public func forgetEmptyTextRecipe(_ id: Int64) throws -> Bool {
    try writing { database in
      let vectors = try LedgerTextVector.filter(Column("recipeID") == id).fetchCount(database)
      guard vectors == 0 else { return false }
      return try LedgerTextRecipe.deleteOne(database, key: id)
    }
  }

  /// Text uses that name a text without a vector.
  public func textUsesWithoutVector(recipe: Int64) throws -> Int {
    try reading {
      try Int.fetchOne(
        $0,
        sql: """
          SELECT COUNT(*) FROM textUses WHERE recipeID = ?1 AND textHash NOT IN
            (SELECT textHash FROM textVectors WHERE recipeID = ?1)
          """, arguments: [recipe]) ?? 0
    }
  }
}
