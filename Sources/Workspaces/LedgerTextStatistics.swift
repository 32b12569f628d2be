import GRDB

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
