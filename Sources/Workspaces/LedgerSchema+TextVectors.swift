import GRDB

extension LedgerSchema {
  /// Where the vectors of texts are. They lie in shard files, which are never
  /// changed; these tables say which text is in which row, and whose text it is.
  static func registerTextVectors(in migrator: inout DatabaseMigrator) {
    migrator.registerMigration("text vectors") { database in
      try database.drop(table: "textFeatures")
      try database.create(table: "textRecipes") { table in
        table.autoIncrementedPrimaryKey("id")
        table.column("key", .text).notNull().unique()
        table.column("record", .jsonText).notNull()
        table.column("created", .datetime).notNull()
      }
      try database.create(table: "textShards") { table in
        table.autoIncrementedPrimaryKey("id")
        table.column("recipeID", .integer).notNull().references("textRecipes", onDelete: .cascade)
        table.column("name", .text).notNull()
        table.column("rowCount", .integer).notNull()
        table.column("byteCount", .integer).notNull()
        table.column("fileHash", .text).notNull()
        table.uniqueKey(["recipeID", "name"])
      }
      try database.create(table: "textVectors", options: .withoutRowID) { table in
        table.column("recipeID", .integer).notNull().references("textRecipes", onDelete: .cascade)
        table.column("textHash", .text).notNull()
        table.column("shardID", .integer).notNull().references("textShards", onDelete: .cascade)
        table.column("row", .integer).notNull()
        table.column("tokens", .integer)
        table.column("readTokens", .integer)
        table.column("pieces", .integer).notNull()
        table.primaryKey(["recipeID", "textHash"])
      }
      try database.create(
        index: "textVectorsByShard", on: "textVectors", columns: ["shardID", "row"])
      try database.create(table: "textUses", options: .withoutRowID) { table in
        table.column("recipeID", .integer).notNull().references("textRecipes", onDelete: .cascade)
        table.column("level", .text).notNull()
        table.column("ownerID", .text).notNull()
        table.column("position", .integer).notNull()
        table.column("label", .text)
        table.column("textHash", .text).notNull()
        table.primaryKey(["recipeID", "level", "ownerID", "position"])
      }
    }
  }
}
