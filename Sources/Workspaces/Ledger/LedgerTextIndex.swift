import Foundation
import GRDB

/// A row of `textRecipes`: an encoder with all settings that decide its vectors.
public struct LedgerTextRecipe: Codable, Sendable, Equatable {
  /// Given by the ledger when it is stored.
  public var id: Int64?
  /// The recipe's short name, which is also the name of its folder.
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

/// A row of `textShards`: a file of vectors, which is written once and never changes.
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

/// A row of `textVectors`: the place of a text's vector, and how much of the text the encoder
/// read.
public struct LedgerTextVector: Codable, Sendable, Equatable {
  public var recipeID: Int64
  /// SHA-256 of the text, in hexadecimal.
  public var textHash: String
  public var shardID: Int64
  public var row: Int
  /// The text's tokens before any cut; nil if the encoder cannot count them.
  public var tokens: Int?
  /// The tokens that the encoder read, summed over all pieces.
  public var readTokens: Int?
  /// The number of pieces in which the text was encoded.
  public var pieces: Int

  public init(
    recipeID: Int64, textHash: String, shardID: Int64, row: Int, tokens: Int?, readTokens: Int?,
    pieces: Int
  ) {
    self.recipeID = recipeID
    self.textHash = textHash
    self.shardID = shardID
    self.row = row
    self.tokens = tokens
    self.readTokens = readTokens
    self.pieces = pieces
  }
}

extension LedgerTextVector: FetchableRecord, PersistableRecord {
  public static let databaseTableName = "textVectors"
}

/// A row of `textUses`: the owner of a text, which is the owner's n-th text of a level.
public struct LedgerTextUse: Codable, Sendable, Equatable, Hashable {
  public var recipeID: Int64
  /// `whole`, `sentence`, `field`, `class` or `piece`.
  public var level: String
  /// A video's id, or a class's name.
  public var ownerID: String
  public var position: Int
  /// The field's name; nil for texts without one.
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

extension Ledger {
  /// The stored recipe with the same key; a new recipe is stored first.
  public func textRecipe(_ recipe: LedgerTextRecipe) throws -> LedgerTextRecipe {
    if let known = try textRecipe(key: recipe.key) { return known }
    return try writing { database in
      // Another process may have been first.
      if let known = try LedgerTextRecipe.filter(Column("key") == recipe.key).fetchOne(database) {
        return known
      }
      return try recipe.inserted(database)
    }
  }

  /// The recipe of a key; nil if there is none.
  public func textRecipe(key: String) throws -> LedgerTextRecipe? {
    try reading { try LedgerTextRecipe.filter(Column("key") == key).fetchOne($0) }
  }

  /// All recipes, oldest first.
  public func textRecipes() throws -> [LedgerTextRecipe] {
    try reading { try LedgerTextRecipe.order(Column("id")).fetchAll($0) }
  }

  /// The files of a recipe, oldest first.
  public func textShards(recipe: Int64) throws -> [LedgerTextShard] {
    try reading {
      try LedgerTextShard.filter(Column("recipeID") == recipe).order(Column("id")).fetchAll($0)
    }
  }

  /// Stores a shard file and the places of its vectors, in one transaction. A text that
  /// already has a vector gets the new place.
  ///
  /// - Parameter vectors: the rows of the file. Their shard id is set here.
  public func store(_ shard: LedgerTextShard, vectors: [LedgerTextVector]) throws {
    try writing { database in
      let known =
        try LedgerTextShard
        .filter(Column("recipeID") == shard.recipeID && Column("name") == shard.name)
        .fetchOne(database)
      let stored: LedgerTextShard
      if var known {
        (known.rowCount, known.byteCount) = (shard.rowCount, shard.byteCount)
        known.fileHash = shard.fileHash
        try known.update(database)
        stored = known
      } else {
        stored = try shard.inserted(database)
      }
      // GRDB's own upsert needs a row id, and this table has none.
      let insert = try database.cachedStatement(
        sql: """
          INSERT OR REPLACE INTO textVectors
            (recipeID, textHash, shardID, row, tokens, readTokens, pieces)
          VALUES (?, ?, ?, ?, ?, ?, ?)
          """)
      for vector in vectors {
        try insert.execute(
          arguments: [
            shard.recipeID, vector.textHash, stored.id, vector.row, vector.tokens,
            vector.readTokens, vector.pieces,
          ])
      }
    }
  }

  /// Removes a shard file and its vectors from the index. Their texts count as not embedded.
  public func forgetTextShard(_ id: Int64) throws {
    _ = try writing { try LedgerTextShard.deleteOne($0, key: id) }
  }

  /// The vectors of the given texts by hash; texts without a vector are missing.
  public func textVectors(recipe: Int64, textHashes: some Sequence<String>) throws
    -> [String: LedgerTextVector]
  {
    try reading { database in
      let statement = try database.cachedStatement(
        sql: "SELECT * FROM textVectors WHERE recipeID = ? AND textHash = ?")
      var found: [String: LedgerTextVector] = [:]
      for hash in textHashes where found[hash] == nil {
        found[hash] = try LedgerTextVector.fetchOne(statement, arguments: [recipe, hash])
      }
      return found
    }
  }

  /// The vectors of a shard, in the order of their rows.
  public func textVectors(shard: Int64) throws -> [LedgerTextVector] {
    try reading {
      try LedgerTextVector.filter(Column("shardID") == shard).order(Column("row")).fetchAll($0)
    }
  }

  /// Replaces the texts of the given owners and levels. Earlier texts of the same owners and
  /// levels are removed from them.
  public func replaceTextUses(_ uses: [LedgerTextUse]) throws {
    try writing { database in
      let insert = try database.cachedStatement(
        sql: """
          INSERT INTO textUses (recipeID, level, ownerID, position, label, textHash)
          VALUES (?, ?, ?, ?, ?, ?)
          ON CONFLICT DO UPDATE SET label = excluded.label, textHash = excluded.textHash
          WHERE label IS NOT excluded.label OR textHash <> excluded.textHash
          """)
      let trim = try database.cachedStatement(
        sql: """
          DELETE FROM textUses
          WHERE recipeID = ? AND level = ? AND ownerID = ? AND position >= ?
          """)
      for group in Dictionary(grouping: uses, by: { [$0.level, $0.ownerID] }).values {
        let first = group[0]
        try trim.execute(
          arguments: [first.recipeID, first.level, first.ownerID, group.count])
        for use in group {
          try insert.execute(
            arguments: [
              use.recipeID, use.level, use.ownerID, use.position, use.label, use.textHash,
            ])
        }
      }
    }
  }
}
