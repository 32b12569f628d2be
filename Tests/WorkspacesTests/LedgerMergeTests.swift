import Foundation
import TestSupport
import Testing
import Workspaces

@Suite("Ledger merge")
struct LedgerMergeTests {
  private func part(_ answers: [(video: String, text: String)], hash: String = "h") throws
    -> LedgerFixture
  {
    let fixture = try LedgerFixture()
    try fixture.ledger.register(answers.map { LedgerFixture.video($0.video, hash: hash) })
    for (video, text) in answers {
      try fixture.answer(video, request: "r\(video)", intent: "i\(video)", text: text)
    }
    return fixture
  }

  @Test("two parts become one whole, and joining them again changes nothing")
  func union() throws {
    let (one, two) = (try part([("a", "A.")]), try part([("b", "B."), ("c", "C.")]))
    try two.ledger.register([LedgerFixture.video("d")])
    try two.ledger.noteFailure(
      LedgerAttempt(videoID: "d", requestKey: nil, stage: .select), reason: "no frames")
    let summary = try LedgerMerge.join(two.ledger, into: one.ledger)
    #expect((summary.videos, summary.requests, summary.descriptions) == (3, 2, 2))
    #expect((summary.selections, summary.attempts) == (2, 3))
    #expect(summary.recordPaths.sorted() == ["selections/b.json", "selections/c.json"])
    #expect(try one.ledger.descriptions().map(\.text) == ["A.", "B.", "C."])
    #expect(try one.ledger.failures().map(\.videoID) == ["d"])
    #expect(try LedgerCheck.run(one.ledger).isClean)
    // A rerun finds the other part's answers.
    #expect(try one.ledger.answeredRequests(intentKeys: ["b": "ib"]) == ["b": "rb"])
    let counts = try one.ledger.counts()
    let again = try LedgerMerge.join(two.ledger, into: one.ledger)
    #expect((again.videos, again.attempts, again.descriptions) == (0, 0, 0))
    #expect((again.answeredOnBothSides, again.conflicts) == (0, []))
    #expect(try one.ledger.counts() == counts)
  }

  @Test("an answer's try is still its own, whatever number it had")
  func attemptNumbers() throws {
    let (one, two) = (try part([("a", "A."), ("b", "B.")]), try part([("c", "C.")]))
    _ = try LedgerMerge.join(two.ledger, into: one.ledger)
    let description = try #require(try one.ledger.description(videoID: "c"))
    let attempt = try #require(try one.ledger.attempts(videoID: "c").first)
    #expect(description.attemptID == attempt.id && attempt.id == 3)
    #expect(attempt.requestKey == "rc" && attempt.httpStatus == 200)
  }

  @Test("where both have an answer ours stays, and their present one fills only a gap")
  func bothAnswered() throws {
    let (one, two) = (try part([("a", "ours")]), try part([("a", "theirs")]))
    try two.answer("a", request: "other", intent: "other", text: "by another prompt")
    let summary = try LedgerMerge.join(two.ledger, into: one.ledger)
    #expect((summary.answeredOnBothSides, summary.descriptions) == (1, 1))
    #expect(try one.ledger.description(videoID: "a")?.text == "ours")
    #expect(try one.ledger.counts().descriptions == 2)
  }

  @Test("a video whose file is another one is left out, with all that is about it")
  func conflict() throws {
    let (one, two) = (try part([("a", "A.")]), try part([("a", "B."), ("b", "B.")], hash: "other"))
    let summary = try LedgerMerge.join(two.ledger, into: one.ledger)
    #expect(summary.conflicts == ["a"])
    #expect(try one.ledger.descriptions().map(\.text) == ["A.", "B."])
    #expect(try one.ledger.attempts(videoID: "a").count == 1)
    #expect(try LedgerCheck.run(one.ledger).isClean)
  }

  @Test("an answer that was first asked for a video that is left out is kept for the others")
  func sharedWithAConflict() throws {
    let one = try part([("a", "A.")])
    let two = try part([("a", "Shared.")], hash: "other")
    try two.ledger.register([LedgerFixture.video("b", hash: "other")])
    try two.ledger.store(
      LedgerDescription(
        videoID: "b", requestKey: "ra", text: "Shared.", status: .complete, describer: "{}"),
      intentKey: "ib")
    // Ours asked its "a" something else.
    let ours = try LedgerFixture()
    try ours.ledger.register([LedgerFixture.video("a")])
    try ours.answer("a", request: "own", intent: "own", text: "Own.")
    let summary = try LedgerMerge.join(two.ledger, into: ours.ledger)
    #expect((summary.conflicts, summary.requests, summary.descriptions) == (["a"], 1, 1))
    #expect(try ours.ledger.descriptions().map(\.text) == ["Own.", "Shared."])
    #expect(try ours.ledger.request("ra")?.videoID == "b")
    #expect(try ours.ledger.answeredRequests(intentKeys: ["b": "ib"]) == ["b": "ra"])
    #expect(try LedgerCheck.run(ours.ledger).isClean)
    #expect(try LedgerMerge.join(two.ledger, into: ours.ledger).descriptions == 0)
    // Where the question is known here, its answer for "b" is taken too.
    #expect(try LedgerMerge.join(two.ledger, into: one.ledger).descriptions == 1)
    #expect(try one.ledger.descriptions().map(\.text) == ["A.", "Shared."])
  }

  @Test("two copies of one ledger that went on apart are joined without doubles")
  func copies() throws {
    let one = try part([("a", "A.")])
    try one.ledger.register([LedgerFixture.video("b"), LedgerFixture.video("c")])
    let open = try one.ledger.begin(
      LedgerAttempt(videoID: "b", requestKey: nil, stage: .select))
    try one.ledger.close()
    let copy = one.folder.file("copy/ledger.sqlite")
    try FileManager.default.createDirectory(
      at: copy.deletingLastPathComponent(), withIntermediateDirectories: true)
    // All of it is in the one file.
    let log = one.folder.file("ledger.sqlite-wal")
    #expect(((try? Data(contentsOf: log)) ?? Data()).isEmpty)
    try FileManager.default.copyItem(at: one.ledger.file, to: copy)
    let (here, there) = (try Ledger(at: one.ledger.file), try Ledger(at: copy))
    // Here the second number four is something else than there.
    try here.noteFailure(
      LedgerAttempt(videoID: "c", requestKey: nil, stage: .select, endpoint: "here"),
      reason: "here")
    var ended = open
    ended.status = .failed
    ended.error = "ended there"
    try there.end(ended)
    try there.noteFailure(
      LedgerAttempt(videoID: "c", requestKey: nil, stage: .select, endpoint: "there"),
      reason: "there")
    let summary = try LedgerMerge.join(there, into: here)
    #expect((summary.attempts, summary.descriptions) == (1, 0))
    #expect(Set(try here.attempts(videoID: "c").map(\.error)) == ["here", "there"])
    #expect(try here.attempts(videoID: "b").map(\.error) == ["ended there"])
    #expect(try here.attempts(videoID: "a").count == 1)
  }
}
