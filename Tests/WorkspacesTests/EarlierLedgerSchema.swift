import GRDB

/// The migrations of the builds before the first format, as they were: version 1 makes a
/// table that a later one drops, and four steps add columns.
enum EarlierLedgerSchema {
  static var migrator: DatabaseMigrator {
    var migrator = DatabaseMigrator()
    migrator.registerMigration("1") { database in
      try database.create(table: "videos") { table in
        table.primaryKey("id", .text).notNull()
        table.column("path", .text).notNull()
        table.column("sizeBytes", .integer).notNull()
        table.column("modifiedSeconds", .double).notNull()
        table.column("fingerprint", .text).notNull()
        table.column("split", .text)
        table.column("classNames", .jsonText)
        table.column("isAnomalous", .boolean)
        table.column("durationSeconds", .double)
        table.column("descriptionKey", .text)
      }
      try database.create(table: "selections") { table in
        table.column("videoID", .text).notNull().references("videos", onDelete: .restrict)
        table.column("key", .text).notNull()
        table.column("strategy", .text).notNull()
        table.column("scorer", .text).notNull()
        table.column("recordPath", .text)
        table.column("created", .datetime).notNull()
        table.primaryKey(["videoID", "key"])
      }
      try database.create(table: "requests") { table in
        table.primaryKey("key", .text).notNull()
        table.column("videoID", .text).notNull().references("videos", onDelete: .restrict)
        table.column("selectionKey", .text)
        table.column("describerKind", .text).notNull()
        table.column("model", .text).notNull()
        table.column("promptName", .text).notNull()
        table.column("promptVersion", .text).notNull()
        table.column("promptHash", .text).notNull()
        table.column("layout", .text).notNull()
        table.column("sampling", .jsonText).notNull()
        table.column("frames", .jsonText).notNull()
        table.column("predictedImageTokens", .integer)
        table.column("created", .datetime).notNull()
        table.foreignKey(["videoID", "selectionKey"], references: "selections")
      }
      try database.create(table: "attempts") { table in
        table.autoIncrementedPrimaryKey("id")
        table.column("videoID", .text).notNull().references("videos", onDelete: .restrict)
        table.column("requestKey", .text).references("requests", onDelete: .restrict)
        table.column("stage", .text).notNull()
        table.column("processID", .integer).notNull()
        table.column("started", .datetime).notNull()
        table.column("endpoint", .text)
        table.column("status", .text).notNull()
        table.column("latencySeconds", .double)
        table.column("firstByteSeconds", .double)
        table.column("httpStatus", .integer)
        table.column("promptTokens", .integer)
        table.column("completionTokens", .integer)
        table.column("finishReason", .text)
        table.column("omittedFields", .text)
        table.column("error", .text)
      }
      try database.create(
        index: "attemptsByVideo", on: "attempts", columns: ["videoID", "id"])
      try database.create(table: "descriptions") { table in
        table.column("videoID", .text).notNull().references("videos", onDelete: .restrict)
        table.column("requestKey", .text).notNull().references("requests", onDelete: .restrict)
        table.column("text", .text).notNull()
        table.column("status", .text).notNull()
        table.column("describer", .jsonText).notNull()
        table.column("attemptID", .integer).references("attempts", onDelete: .restrict)
        table.column("created", .datetime).notNull()
        table.primaryKey(["videoID", "requestKey"])
      }
      try database.create(
        index: "descriptionsByRequest", on: "descriptions", columns: ["requestKey"])
      try database.create(table: "intents") { table in
        table.column("videoID", .text).notNull().references("videos", onDelete: .restrict)
        table.column("key", .text).notNull()
        table.column("requestKey", .text).notNull()
        table.primaryKey(["videoID", "key"])
        table.foreignKey(["videoID", "requestKey"], references: "descriptions")
      }
      try database.create(table: "textFeatures") { table in
        table.column("key", .text).notNull()
        table.column("ownerID", .text).notNull()
        table.column("textHash", .text).notNull()
        table.column("shard", .text).notNull()
        table.column("row", .integer).notNull()
        table.primaryKey(["key", "ownerID"])
      }
    }
    migrator.registerMigration("answers", migrate: addAnswerChecks)
    migrator.registerMigration("leases") { database in
      try database.create(table: "leases") { table in
        table.column("videoID", .text).notNull().references("videos", onDelete: .restrict)
        table.column("intentKey", .text).notNull()
        table.column("holder", .text).notNull()
        table.column("realm", .text).notNull()
        table.column("processID", .integer).notNull()
        table.column("startTicks", .integer).notNull()
        table.column("claimed", .datetime).notNull()
        table.column("expires", .datetime).notNull()
        table.column("hasFailed", .boolean).notNull()
        table.primaryKey(["videoID", "intentKey"])
      }
      try database.create(index: "leasesByHolder", on: "leases", columns: ["holder"])
    }
    registerTextVectors(in: &migrator)
    migrator.registerMigration("segments", migrate: addSegments)
    migrator.registerMigration("frameSimilarity", migrate: addFrameSimilarity)
    migrator.registerMigration("standings", migrate: addStandings)
    return migrator
  }

  /// Causes of failures, findings about answers, and what they are measured by.
  private static func addAnswerChecks(to database: Database) throws {
    try database.alter(table: "attempts") { table in
      table.add(column: "cause", .text)
      table.add(column: "findings", .jsonText)
      table.add(column: "variation", .jsonText)
      table.add(column: "expectedPromptTokens", .integer)
    }
    try database.alter(table: "descriptions") { table in
      table.add(column: "findings", .jsonText)
      table.add(column: "structured", .jsonText)
    }
  }

  /// How well a description fits its own frames.
  private static func addFrameSimilarity(to database: Database) throws {
    try database.alter(table: "descriptions") { table in
      table.add(column: "frameSimilarity", .double)
      table.add(column: "similarityEncoder", .text)
    }
  }

  /// Where the vectors of texts are. They lie in shard files, which are never
  /// changed; these tables say which text is in which row, and whose text it is.
  private static func registerTextVectors(in migrator: inout DatabaseMigrator) {
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

  /// Pieces of long videos as items of their own, and which items are those of the way
  /// a video was cut last.
  private static func addSegments(to database: Database) throws {
    try database.alter(table: "videos") { table in
      table.add(column: "segmentOf", .text)
      table.add(column: "startSeconds", .integer)
      table.add(column: "endSeconds", .integer)
      table.add(column: "headerSeconds", .double)
      table.add(column: "isCurrent", .boolean).notNull().defaults(to: true)
    }
  }

  /// What is asked about a video now, what a try was for, and which tries ended their
  /// item: what tells an item that failed from one that waits.
  private static func addStandings(to database: Database) throws {
    try database.alter(table: "videos") { table in
      table.add(column: "intentKey", .text)
    }
    try database.alter(table: "attempts") { table in
      table.add(column: "intentKey", .text)
      table.add(column: "endedItem", .boolean)
    }
  }
}
