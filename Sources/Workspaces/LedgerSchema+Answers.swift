import GRDB

extension LedgerSchema {
  /// Causes of failures, findings about answers, and what they are measured by.
  static func addAnswerChecks(to database: Database) throws {
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
  static func addFrameSimilarity(to database: Database) throws {
    try database.alter(table: "descriptions") { table in
      table.add(column: "frameSimilarity", .double)
      table.add(column: "similarityEncoder", .text)
    }
  }
}
