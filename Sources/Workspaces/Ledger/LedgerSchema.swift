import GRDB

/// The ledger's tables: the first format, made by one migration.
///
/// A released format never changes; later tables and columns come as further migrations.
enum LedgerSchema {
  /// The name under which `grdb_migrations` records the format.
  static let firstFormat = "format 1"

  /// The names that builds before the first release recorded, in order. Together these
  /// steps made exactly the tables of the first format (`LedgerSchemaTests` compares them).
  static let earlierSteps = [
    "1", "answers", "leases", "text vectors", "segments", "frameSimilarity", "standings",
  ]

  static var migrator: DatabaseMigrator {
    var migrator = DatabaseMigrator()
    migrator.registerMigration(firstFormat) { database in
      try createVideosAndQuestions(in: database)
      try createAttemptsAndAnswers(in: database)
      try createLeases(in: database)
      try createTextIndex(in: database)
    }
    return migrator
  }

  /// Makes the tables of an empty database. A ledger of the first format, and one that took
  /// all of the earlier steps, stays as it is.
  ///
  /// - Throws: `WorkspaceError.earlierSchema` for a ledger that lacks some of the earlier
  ///   steps, `.newerSchema` for one with names that this version does not know.
  static func prepare(_ pool: DatabasePool, path: String) throws {
    let recorded = try pool.read(migrator.appliedIdentifiers)
    if recorded.isEmpty { return try migrator.migrate(pool) }
    if recorded == [firstFormat] || recorded == Set(earlierSteps) { return }
    guard recorded.isSubset(of: earlierSteps) else {
      throw WorkspaceError.newerSchema(path: path)
    }
    throw WorkspaceError.earlierSchema(
      path: path, found: earlierSteps.filter(recorded.contains), expected: earlierSteps)
  }

  private static func createVideosAndQuestions(in database: Database) throws {
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
      table.column("segmentOf", .text)
      table.column("startSeconds", .integer)
      table.column("endSeconds", .integer)
      table.column("headerSeconds", .double)
      table.column("isCurrent", .boolean).notNull().defaults(to: true)
      table.column("intentKey", .text)
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
  }

  private static func createAttemptsAndAnswers(in database: Database) throws {
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
      table.column("cause", .text)
      table.column("findings", .jsonText)
      table.column("variation", .jsonText)
      table.column("expectedPromptTokens", .integer)
      table.column("intentKey", .text)
      table.column("endedItem", .boolean)
    }
    try database.create(index: "attemptsByVideo", on: "attempts", columns: ["videoID", "id"])
    try database.create(table: "descriptions") { table in
      table.column("videoID", .text).notNull().references("videos", onDelete: .restrict)
      table.column("requestKey", .text).notNull().references("requests", onDelete: .restrict)
      table.column("text", .text).notNull()
      table.column("status", .text).notNull()
      table.column("describer", .jsonText).notNull()
      table.column("attemptID", .integer).references("attempts", onDelete: .restrict)
      table.column("created", .datetime).notNull()
      table.column("findings", .jsonText)
      table.column("structured", .jsonText)
      table.column("frameSimilarity", .double)
      table.column("similarityEncoder", .text)
      table.primaryKey(["videoID", "requestKey"])
    }
    try database.create(index: "descriptionsByRequest", on: "descriptions", columns: ["requestKey"])
    try database.create(table: "intents") { table in
      table.column("videoID", .text).notNull().references("videos", onDelete: .restrict)
      table.column("key", .text).notNull()
      table.column("requestKey", .text).notNull()
      table.primaryKey(["videoID", "key"])
      table.foreignKey(["videoID", "requestKey"], references: "descriptions")
    }
  }

  private static func createLeases(in database: Database) throws {
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

  /// Where the vectors of texts are. Vectors lie in shard files, which never change; these
  /// tables record the row of each text and the owners of each text.
  private static func createTextIndex(in database: Database) throws {
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
