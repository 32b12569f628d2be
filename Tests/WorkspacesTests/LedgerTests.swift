import Foundation
import GRDB
import TestSupport
import Testing
import Workspaces

@Suite("Ledger")
struct LedgerTests {
  let fixture: LedgerFixture
  var ledger: Ledger { fixture.ledger }

  init() throws { fixture = try LedgerFixture() }

  @Test("what was stored is there for another connection and after closing")
  func durable() throws {
    try ledger.register([LedgerFixture.video("a")])
    try fixture.answer("a", request: "r", intent: "i", text: "Two men fight.")
    let other = try Ledger(at: ledger.file)
    #expect(try other.description(videoID: "a")?.text == "Two men fight.")
    #expect(try other.video("a")?.classNames == ["Fighting", "Shooting"])
    #expect(try other.video("a")?.durationSeconds == 9)
    try other.close()
    try ledger.close()
    let again = try Ledger(at: ledger.file)
    #expect(try again.counts().descriptions == 1)
    #expect(try again.attempts(videoID: "a").map(\.status) == [.succeeded])
    #expect(try again.describedSelection(videoID: "a") == LedgerFixture.selection("a"))
  }

  @Test("what ends is waited for on the disk, what begins is not: one flush an item")
  func flushes() throws {
    try ledger.register([LedgerFixture.video("a"), LedgerFixture.video("b")])
    let before = ledger.flushCount
    let holder = LeaseHolder()
    #expect(
      try ledger.claim(videoID: "a", intentKey: "i", for: holder, seconds: 60) == .claimed)
    _ = try ledger.prepare(
      LedgerFixture.request("r", video: "a"), selection: LedgerFixture.selection("a"),
      durationSeconds: 9)
    let attempt = LedgerAttempt(videoID: "a", requestKey: "r", stage: .describe)
    _ = try ledger.begin(attempt)
    try ledger.renewLeases(of: holder, seconds: 60)
    #expect(ledger.flushCount == before)
    // Not flushed, and yet there for everybody at once.
    #expect(try Ledger(at: ledger.file).attempts(videoID: "a").map(\.status) == [.started])
    try fixture.answer("a", request: "r", intent: "i", text: "Two men fight.")
    #expect(ledger.flushCount == before + 1)
    try ledger.noteFailure(attempt, reason: "HTTP 500")
    #expect(ledger.flushCount == before + 2)
  }

  @Test("one flush serves all who waited for what was stored before it")
  func groupFlush() throws {
    try ledger.register([LedgerFixture.video("a")])
    let before = ledger.flushCount
    let early = ledger.flushPoint
    let late = ledger.flushPoint
    try ledger.flush(to: late)
    try ledger.flush(to: early)
    try ledger.flush(to: late)
    #expect(ledger.flushCount == before + 1)
    try ledger.flush()
    #expect(ledger.flushCount == before + 2)
  }

  @Test("a ledger behind a link is flushed where it lies")
  func linkedLedger() throws {
    try ledger.register([LedgerFixture.video("a")])
    let link = ledger.file.deletingLastPathComponent().appendingPathComponent("linked.sqlite")
    try FileManager.default.createSymbolicLink(at: link, withDestinationURL: ledger.file)
    let linked = try Ledger(at: link)
    try linked.register([LedgerFixture.video("b")])
    #expect(linked.flushCount > 0)
    #expect(try ledger.video("b") != nil)
  }

  @Test("a log that cannot be flushed once is not taken for flushed later")
  func stickyFailure() throws {
    let folder = try TemporaryFolder()
    let log = LedgerLog(path: folder.file("ledger.sqlite-wal").path)
    #expect(throws: WorkspaceError.self) { try log.flush(to: log.point()) }
    try Data("log".utf8).write(to: folder.file("ledger.sqlite-wal"))
    #expect(throws: WorkspaceError.self) { try log.flush(to: log.point()) }
    #expect(log.flushCount == 0)
  }

  @Test("the journal is a write-ahead log")
  func journalMode() throws {
    let queue = try DatabaseQueue(path: ledger.file.path)
    #expect(try queue.read { try String.fetchOne($0, sql: "PRAGMA journal_mode") } == "wal")
  }

  @Test("a failed attempt is kept and is never an answer")
  func failuresAreNotAnswers() throws {
    try ledger.register([LedgerFixture.video("a"), LedgerFixture.video("b")])
    _ = try ledger.prepare(
      LedgerFixture.request("r", video: "a"), selection: LedgerFixture.selection("a"),
      durationSeconds: 9)
    try ledger.noteFailure(
      LedgerAttempt(videoID: "a", requestKey: "r", stage: .describe), reason: "HTTP 500")
    #expect(try ledger.answer(toRequest: "r") == nil)
    #expect(try ledger.answeredRequests(intentKeys: ["a": "i"]).isEmpty)
    #expect(try ledger.description(videoID: "a") == nil)
    #expect(try ledger.failures().map(\.error) == ["HTTP 500"])
    // Described later, it is a failure no more, but the attempt is still there.
    try fixture.answer("a", request: "r", intent: "i", text: "Smoke rises.")
    #expect(try ledger.failures().isEmpty)
    #expect(try ledger.attempts(videoID: "a").map(\.status) == [.failed, .succeeded])
  }

  @Test("the same request answered twice keeps the first answer")
  func firstAnswerStays() throws {
    try ledger.register([LedgerFixture.video("a")])
    try fixture.answer("a", request: "r", intent: "i", text: "first")
    try fixture.answer("a", request: "r", intent: "i", text: "second")
    #expect(try ledger.description(videoID: "a")?.text == "first")
    #expect(try ledger.counts().descriptions == 1)
  }

  @Test("an earlier question's answer is kept, and is present again when it is asked again")
  func changedPrompt() throws {
    try ledger.register([LedgerFixture.video("a")])
    try fixture.answer("a", request: "r1", intent: "i1", text: "by prompt 1")
    try fixture.answer("a", request: "r2", intent: "i2", text: "by prompt 2")
    #expect(try ledger.description(videoID: "a")?.text == "by prompt 2")
    let answered = try ledger.answeredRequests(intentKeys: ["a": "i1"])
    #expect(answered == ["a": "r1"])
    try ledger.makePresent(answered)
    #expect(try ledger.description(videoID: "a")?.text == "by prompt 1")
    #expect(try ledger.counts().descriptions == 2)
  }

  @Test("a video whose file has changed loses its description; one that moved keeps it")
  func changedFile() throws {
    try ledger.register([LedgerFixture.video("a")])
    try fixture.answer("a", request: "r", intent: "i", text: "text")
    var moved = LedgerFixture.video("a")
    moved.path = "/elsewhere/a.mp4"
    try ledger.register([moved])
    #expect(try ledger.description(videoID: "a") != nil)
    #expect(try ledger.video("a")?.path == "/elsewhere/a.mp4")
    try ledger.register([LedgerFixture.video("a", hash: "other")])
    #expect(try ledger.description(videoID: "a") == nil)
  }

  @Test("a row about a video that is not registered is refused")
  func foreignKeys() throws {
    let error = try #require(throws: WorkspaceError.self) {
      try ledger.begin(LedgerAttempt(videoID: "nobody", requestKey: nil, stage: .select))
    }
    guard case .brokenRule = error else {
      Issue.record("found \(error)")
      return
    }
  }

  @Test("splits are told apart, and lists are by id")
  func splits() throws {
    try ledger.register([
      LedgerFixture.video("b"), LedgerFixture.video("a", split: "test"), LedgerFixture.video("c"),
    ])
    for id in ["a", "b"] {
      try fixture.answer(id, request: "r\(id)", intent: "i\(id)", text: id)
    }
    #expect(try ledger.videos().map(\.id) == ["a", "b", "c"])
    #expect(try ledger.videos(split: "train").map(\.id) == ["b", "c"])
    #expect(try ledger.descriptions().map(\.text) == ["a", "b"])
    #expect(try ledger.descriptions(split: "test").map(\.text) == ["a"])
  }

  @Test("eight threads and two connections lose nothing")
  func concurrentWriters() throws {
    try ledger.register((0..<8).map { LedgerFixture.video("v\($0)") })
    let second = try Ledger(at: ledger.file)
    let connections = [ledger, second]
    DispatchQueue.concurrentPerform(iterations: 8) { thread in
      for attempt in 0..<10 {
        do {
          try connections[thread % 2].noteFailure(
            LedgerAttempt(videoID: "v\(thread)", requestKey: nil, stage: .select),
            reason: "\(attempt)")
        } catch {
          Issue.record("\(error)")
        }
      }
    }
    for thread in 0..<8 {
      #expect(
        try ledger.attempts(videoID: "v\(thread)").map(\.error) == (0..<10).map { "\($0)" })
    }
  }
}
