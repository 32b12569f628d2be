import Foundation
import GRDB
import TestSupport
import Testing
import Workspaces

@Suite("Ledger schema")
struct LedgerSchemaTests {
  let folder: TemporaryFolder
  var file: URL { folder.file("ledger.sqlite") }

  init() throws { folder = try TemporaryFolder() }

  /// Makes a ledger as builds before the first format did, up to a step.
  private func makeEarlier(upTo step: String = "standings") throws {
    let queue = try DatabaseQueue(path: file.path)
    try EarlierLedgerSchema.migrator.migrate(queue, upTo: step)
    try queue.close()
  }

  /// All of `sqlite_master`, with the statements' spaces made alike; and the columns in order.
  private func schema(of file: URL) throws -> (objects: Set<[String]>, columns: [String: [String]])
  {
    try DatabaseQueue(path: file.path).read { database in
      let rows = try Row.fetchAll(
        database, sql: "SELECT type, name, tbl_name, sql FROM sqlite_master")
      let objects = rows.map { row -> [String] in
        let sql: String = row["sql"] ?? ""
        let words = sql.replacing(",", with: " , ").replacing("(", with: " ( ")
          .replacing(")", with: " ) ").split(whereSeparator: \.isWhitespace)
        return [row["type"], row["name"], row["tbl_name"], words.joined(separator: " ")]
      }
      var columns: [String: [String]] = [:]
      for row in rows where row["type"] == "table" {
        let table: String = row["name"]
        columns[table] = try database.columns(in: table).map {
          "\($0.name) \($0.type) \($0.isNotNull) \($0.defaultValueSQL ?? "") \($0.primaryKeyIndex)"
        }
      }
      return (Set(objects), columns)
    }
  }

  private func recordedNames() throws -> Set<String> {
    try DatabaseQueue(path: file.path).read {
      try String.fetchSet($0, sql: "SELECT identifier FROM grdb_migrations")
    }
  }

  @Test("the first format has exactly the tables and indexes that the seven earlier steps made")
  func sameSchema() throws {
    try makeEarlier()
    let new = folder.file("new.sqlite")
    try Ledger(at: new).close()
    let (earlier, current) = (try schema(of: file), try schema(of: new))
    #expect(current.objects == earlier.objects)
    #expect(current.columns == earlier.columns)
    #expect(current.columns["textFeatures"] == nil && current.columns["attempts"]?.count == 22)
  }

  @Test("a ledger with all seven earlier steps opens as it is, and goes on")
  func earlierLedger() throws {
    try makeEarlier()
    let before = try recordedNames()
    let ledger = try Ledger(at: file)
    try ledger.register([LedgerFixture.video("a"), LedgerFixture.video("b")])
    try LedgerFixture.answer("a", request: "r", intent: "i", text: "Smoke.", in: ledger)
    try ledger.noteFailure(
      LedgerAttempt(videoID: "b", requestKey: nil, stage: .select), reason: "no frames")
    try ledger.close()
    // Rows from before it was kept which question an attempt was for, and whether it ended its item.
    try DatabaseQueue(path: file.path).write {
      try $0.execute(
        sql:
          "UPDATE videos SET intentKey = NULL; UPDATE attempts SET intentKey = NULL, endedItem = NULL"
      )
    }
    let again = try Ledger(at: file)
    #expect(try recordedNames() == before && before.count == 7)
    #expect(try again.failures().map(\.error) == ["no frames"])
    let status = try again.status()
    #expect((status.described, status.describedEarlier, status.failed) == (1, 0, 1))
    #expect(try again.attempts(videoID: "b").map(\.endedItem) == [nil])
    // The next run says what is asked; the answer to it is found.
    try again.register(
      ["a", "b"].map { id in
        var video = LedgerFixture.video(id)
        video.intentKey = "i"
        return video
      })
    #expect(try again.failures().map(\.videoID) == ["b"] && again.status().described == 1)
    #expect(try LedgerCheck.run(again).isClean)
  }

  @Test("a ledger with fewer steps is refused, says what to do, and is left alone")
  func incompleteLedger() throws {
    try makeEarlier(upTo: "segments")
    let before = try schema(of: file).objects
    let error = try #require(throws: WorkspaceError.self) { try Ledger(at: file) }
    #expect(
      error.description
        == "\(file.path): a ledger of an earlier build: found the schema steps 1, answers, leases, "
        + "text vectors, segments, expected all of 1, answers, leases, text vectors, segments, "
        + "frameSimilarity, standings; save its descriptions with 'describe export' of the build "
        + "that made it, and start a new workspace with --workspace")
    #expect(error.failureKind == .unreadableInput)
    #expect(try schema(of: file).objects == before)
  }

  @Test("earlier steps with one that nobody knows are of a later version")
  func laterSteps() throws {
    try makeEarlier()
    try DatabaseQueue(path: file.path).write {
      try $0.execute(sql: "INSERT INTO grdb_migrations (identifier) VALUES ('2099')")
    }
    let error = try #require(throws: WorkspaceError.self) { try Ledger(at: file) }
    guard case .newerSchema = error else {
      Issue.record("found \(error)")
      return
    }
  }

  @Test("a new ledger records one format")
  func oneFormat() throws {
    try Ledger(at: file).close()
    #expect(try recordedNames() == ["format 1"])
  }
}
