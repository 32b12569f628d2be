import GRDB

/// A text of the index with the place of its vector.
public struct IndexedText: Sendable, Equatable {
  public let use: LedgerTextUse
  public let vector: LedgerTextVector
}

/// The texts of one level that have a vector, ordered by owner and position, at one moment of
/// the ledger. They are read one after the other and never held in memory all at once.
public struct IndexedTexts {
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

  /// The number of texts.
  public func count() throws -> Int {
    try Int.fetchOne(
      database, sql: "SELECT COUNT(*) \(Self.joined)", arguments: [recipe, level]) ?? 0
  }

  /// Calls `body` with each text, in order.
  public func forEachText(_ body: (IndexedText) throws -> Void) throws {
    let rows = try Row.fetchCursor(
      database,
      sql: """
        SELECT textUses.ownerID, position, label, textUses.textHash, shardID, row, tokens,
          readTokens, pieces \(Self.joined) ORDER BY textUses.ownerID, position
        """, arguments: [recipe, level])
    while let row = try rows.next() {
      let hash: String = row[3]
      try body(
        IndexedText(
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
  /// Calls `body` with the texts of a level that have a vector. They do not change until
  /// `body` returns, even if another process stores texts meanwhile.
  public func readIndexedTexts<Value>(
    recipe: Int64, level: String, _ body: (IndexedTexts) throws -> Value
  ) throws -> Value {
    try reading { try body(IndexedTexts($0, recipe: recipe, level: level)) }
  }
}

/// Counts of one recipe's vectors and texts.
public struct LedgerTextStatistics: Codable, Sendable, Equatable {
  /// All vectors.
  public var vectors: Int
  public var shards: Int
  /// Total bytes of the shard files.
  public var bytes: Int
  /// Vectors without an owner.
  public var unused: Int
  /// Numbers of texts by level.
  public var texts: [String: Int]
  /// Whole descriptions with a vector.
  public var descriptions: Int
  /// Whole descriptions over the encoder's limit.
  public var overLimit: Int
  /// Whole descriptions that lost a part to the limit.
  public var truncated: Int
  /// Tokens of whole descriptions before any cut; nil if the encoder cannot count.
  public var tokensBefore: Int?
  /// Tokens of whole descriptions that the encoder read.
  public var tokensRead: Int?
  public var longestTokens: Int?
}

extension Ledger {
  /// The counts of one recipe.
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
  /// Removes the texts of videos without a description, and the vectors without an owner.
  ///
  /// - Parameter isTrial: only count, and change nothing.
  /// - Returns: the number of removed vectors.
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

  /// Removes a recipe if it has no vectors.
  ///
  /// - Returns: whether it was removed.
  public func forgetEmptyTextRecipe(_ id: Int64) throws -> Bool {
    try writing { database in
      let vectors = try LedgerTextVector.filter(Column("recipeID") == id).fetchCount(database)
      guard vectors == 0 else { return false }
      return try LedgerTextRecipe.deleteOne(database, key: id)
    }
  }

  /// The number of text uses whose text has no vector.
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
