import GRDB

extension LedgerSchema {
  /// Pieces of long videos as items of their own, and which items are those of the way
  /// a video was cut last.
  static func addSegments(to database: Database) throws {
    try database.alter(table: "videos") { table in
      table.add(column: "segmentOf", .text)
      table.add(column: "startSeconds", .integer)
      table.add(column: "endSeconds", .integer)
      table.add(column: "headerSeconds", .double)
      table.add(column: "isCurrent", .boolean).notNull().defaults(to: true)
    }
  }
}
