import GRDB

/// Statements that each item of a run executes: SQLite compiles them once.
extension Database {
  func change(_ sql: String, _ arguments: StatementArguments) throws {
    try cachedStatement(sql: sql).execute(arguments: arguments)
  }

  func hasRow(_ sql: String, _ arguments: StatementArguments) throws -> Bool {
    try SQLRequest<Row>(sql: sql, arguments: arguments, cached: true).fetchOne(self) != nil
  }
}
