import Foundation
import GRDB
import TestSupport
import Testing
import Workspaces

@Suite("Ledger errors")
struct LedgerErrorTests {
  let folder: TemporaryFolder
  var file: URL { folder.file("ledger.sqlite") }

  init() throws { folder = try TemporaryFolder() }

  @Test("a file that is not a database is unreadable input, and is left alone")
  func notADatabase() throws {
    let text = Data(String(repeating: "these are notes, not a ledger\n", count: 100).utf8)
    try text.write(to: file)
    let error = try #require(throws: WorkspaceError.self) { try Ledger(at: file) }
    #expect(error.failureKind == .unreadableInput)
    #expect(error.description.contains(file.path))
    #expect(try Data(contentsOf: file) == text)
  }

  @Test("a ledger of a later version is refused, and is left alone")
  func newerSchema() throws {
    try Ledger(at: file).close()
    let queue = try DatabaseQueue(path: file.path)
    try queue.write {
      try $0.execute(sql: "INSERT INTO grdb_migrations (identifier) VALUES ('2099')")
    }
    try queue.close()
    let error = try #require(throws: WorkspaceError.self) { try Ledger(at: file) }
    guard case .newerSchema = error else {
      Issue.record("found \(error)")
      return
    }
    #expect(error.failureKind == .unreadableInput)
  }

  @Test("a folder in place of the file, and a file in place of the folder, are named")
  func wrongKind() throws {
    #expect(throws: WorkspaceError.self) { try Ledger(at: folder.url) }
    try Data().write(to: folder.file("plain"))
    #expect(throws: WorkspaceError.self) {
      try Ledger(at: folder.file("plain").appendingPathComponent("ledger.sqlite"))
    }
  }

  @Test(
    "a full disk stops the change with a clear error; what was stored stays, and there is room again later"
  )
  func diskFull() throws {
    let small = try Ledger(at: file, pageLimit: 64)
    try small.register([LedgerFixture.video("a")])
    var stored = 0
    let error = try #require(throws: WorkspaceError.self) {
      while true {
        try small.noteFailure(
          LedgerAttempt(videoID: "a", requestKey: nil, stage: .select),
          reason: String(repeating: "x", count: 2000))
        stored += 1
      }
    }
    guard case .diskFull = error else {
      Issue.record("found \(error)")
      return
    }
    #expect(stored > 5)
    #expect(try small.attempts(videoID: "a").count == stored)
    try small.close()
    let roomy = try Ledger(at: file)
    #expect(try roomy.attempts(videoID: "a").count == stored)
    try roomy.noteFailure(
      LedgerAttempt(videoID: "a", requestKey: nil, stage: .select), reason: "again")
    #expect(try roomy.attempts(videoID: "a").count == stored + 1)
  }
}
