import Foundation
import GRDB
import TestSupport
import Testing
import Workspaces

@Suite("Ledger check")
struct LedgerCheckTests {
  let fixture: LedgerFixture
  var ledger: Ledger { fixture.ledger }

  init() throws {
    fixture = try LedgerFixture()
    try fixture.ledger.register(["a", "b"].map { LedgerFixture.video($0) })
    try fixture.answer("a", request: "ra", intent: "ia", text: "Smoke.")
    try fixture.answer("b", request: "rb", intent: "ib", text: "Fire.")
  }

  @Test("a ledger as runs leave it is clean; a try that was broken off is a note")
  func clean() throws {
    let result = try LedgerCheck.run(ledger)
    #expect(result.isClean && result.notes.isEmpty && result.examined == 2)
    _ = try ledger.begin(LedgerAttempt(videoID: "a", requestKey: "ra", stage: .describe))
    let later = try LedgerCheck.run(ledger)
    #expect(later.isClean && later.notes == ["1 attempts were in flight when their process ended"])
  }

  @Test(
    "what no run writes is found",
    arguments: [
      ("UPDATE videos SET descriptionKey = 'lost' WHERE id = 'a'", "present description"),
      ("UPDATE descriptions SET text = ' ' WHERE videoID = 'a'", "empty description"),
      ("UPDATE attempts SET status = 'failed' WHERE videoID = 'a'", "whose attempt is failed"),
      ("UPDATE descriptions SET attemptID = 2 WHERE videoID = 'a'", "about something else"),
      ("UPDATE requests SET frames = '[{' WHERE key = 'ra'", "damaged list of frames"),
      (
        "UPDATE requests SET frames = '[{\"timestampSeconds\":2},{\"timestampSeconds\":1}]'",
        "frames at [2.0, 1.0]"
      ),
      ("DELETE FROM attempts WHERE videoID = 'a'", "refers to nothing in attempts"),
    ])
  func damage(sql: String, finding: String) throws {
    var configuration = Configuration()
    configuration.foreignKeysEnabled = false
    try DatabaseQueue(path: ledger.file.path, configuration: configuration).write {
      try $0.execute(sql: sql)
    }
    let result = try LedgerCheck.run(ledger)
    #expect(
      result.findings.contains { $0.found.contains(finding) }, "\(result.findings)")
  }

  private func exported(_ change: (String) -> String = { $0 }) throws -> CheckResult {
    let file = fixture.folder.file("d.jsonl")
    try DescriptionExport.write(ledger, to: file)
    let text = try String(contentsOf: file, encoding: .utf8)
    try Data(change(text).utf8).write(to: file)
    return try ExportCheck.run(ledger, file: file)
  }

  @Test("an export that is behind is a note; one that says something else is a finding")
  func export() throws {
    #expect(try exported() == CheckResult(name: "export", examined: 2))
    let behind = try exported { String($0.split(separator: "\n")[0]) + "\n" }
    #expect(behind.isClean && behind.notes.count == 1)
    #expect(!(try exported { $0.replacing("Smoke", with: "Steam") }).isClean)
    #expect(!(try exported { $0.replacing("\"video\":\"a\"", with: "\"video\":\"z\"") }).isClean)
    #expect(!(try exported { $0 + $0 }).isClean)
    #expect(!(try exported { String($0.dropLast(20)) }).isClean)
    for (said, changed) in [
      ("\"model\":\"m\"", "\"model\":\"n\""),
      ("\"promptHash\":\"p\"", "\"promptHash\":\"q\""),
      ("\"frameSeconds\":[0.5", "\"frameSeconds\":[0.75"),
      ("\"selectionKey\":\"s\",", ""),
      ("\"describerKind\":\"openai\",", ""),
    ] {
      #expect(!(try exported { $0.replacing(said, with: changed) }).isClean, "\(changed)")
    }
    // Findings are judged by all descriptions, and a split by the data set's lists.
    for (said, changed) in [
      ("\"findings\":[]", "\"findings\":[\"unlikeFrames\"]"),
      ("\"split\":\"train\"", "\"split\":\"test\""),
    ] {
      let result = try exported { $0.replacing(said, with: changed) }
      #expect(result.isClean && result.notes.count == 1, "\(changed)")
    }
    // What was present when it was written, and is not now.
    let file = fixture.folder.file("e.jsonl")
    try DescriptionExport.write(ledger, to: file)
    try fixture.answer("a", request: "ra2", intent: "ia2", text: "Thick smoke.")
    let earlier = try ExportCheck.run(ledger, file: file)
    #expect(earlier.isClean && earlier.notes.count == 1)
    let none = try ExportCheck.run(ledger, file: fixture.folder.file("none.jsonl"))
    #expect(none.isClean && none.notes.count == 1)
  }

  @Test("a video that has changed or gone since it was described is found")
  func videos() throws {
    let folder = try TemporaryFolder()
    let ledger = try Ledger(at: folder.file("ledger.sqlite"))
    let path = folder.file("v.mp4").path
    try Data("first".utf8).write(to: URL(fileURLWithPath: path))
    let measured = try VideoFingerprint.measure(path: path)
    try ledger.register([LedgerVideo(id: "v", path: path, fingerprint: measured)])
    let other = LedgerFixture.self
    _ = try ledger.prepare(
      other.request("r", video: "v"), selection: other.selection("v"), durationSeconds: 1)
    try ledger.store(
      LedgerDescription(
        videoID: "v", requestKey: "r", text: "A man.", status: .complete, describer: "{}"),
      intentKey: "i")
    #expect(try VideoFileCheck.run(ledger, isQuick: false).isClean)
    // The same size and time, other bytes: only hashing sees it.
    let modified = try FileManager.default.attributesOfItem(atPath: path)[.modificationDate]
    try Data("other".utf8).write(to: URL(fileURLWithPath: path))
    try FileManager.default.setAttributes(
      [.modificationDate: try #require(modified)], ofItemAtPath: path)
    #expect(try VideoFileCheck.run(ledger, isQuick: true).isClean)
    #expect(try VideoFileCheck.run(ledger, isQuick: false).findings.count == 1)
    try FileManager.default.removeItem(atPath: path)
    #expect(try VideoFileCheck.run(ledger, isQuick: true).findings.count == 1)
  }
}
