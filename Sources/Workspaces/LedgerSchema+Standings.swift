import GRDB

extension LedgerSchema {
  /// What is asked about a video now, what a try was for, and which tries ended their
  /// item: what tells an item that failed from one that waits.
  static func addStandings(to database: Database) throws {
    try database.alter(table: "videos") { table in
      table.add(column: "intentKey", .text)
    }
    try database.alter(table: "attempts") { table in
      table.add(column: "intentKey", .text)
      table.add(column: "endedItem", .boolean)
    }
  }
}
