import GRDB

/// The ledger's tables, by version. A version that was released never changes;
/// what is new comes as a further migration.
enum LedgerSchema {
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
}
