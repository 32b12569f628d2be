import Datasets
import Foundation
import TestSupport
import Testing
import Workspaces

@Suite("Segments in the ledger")
struct LedgerSegmentTests {
  let fixture: LedgerFixture
  var ledger: Ledger { fixture.ledger }

  init() throws { fixture = try LedgerFixture() }

  private func pieces(of video: String, every seconds: Int, hash: String = "h") -> [LedgerVideo] {
    VideoSegment.pieces(of: video, durationSeconds: 120, segmentSeconds: seconds).map {
      LedgerVideo(
        id: $0.id, path: "/videos/\(video).mp4",
        fingerprint: VideoFingerprint(sizeBytes: 10, modifiedSeconds: 5, hash: hash),
        split: "train", segment: $0, headerSeconds: 120)
    }
  }

  private func exported() throws -> [String] {
    try DescriptionExport.lines(of: ledger).map(\.video)
  }

  @Test("cut otherwise, a video's earlier pieces are set aside; cut as before, they are back")
  func cutAnew() throws {
    try ledger.register(pieces(of: "cam", every: 60))
    try fixture.answer("cam@0-60", request: "r1", intent: "i1", text: "One.")
    #expect(try exported() == ["cam@0-60"])
    try ledger.register(pieces(of: "cam", every: 40))
    #expect(try exported().isEmpty)
    #expect(try ledger.status().videos == 3)
    try fixture.answer("cam@80-120", request: "r2", intent: "i2", text: "Two.")
    try ledger.register(pieces(of: "cam", every: 60))
    #expect(try ledger.status().videos == 2)
    let answered = try ledger.answeredRequests(intentKeys: ["cam@0-60": "i1"])
    try ledger.makePresent(answered)
    #expect(try exported() == ["cam@0-60"])
    #expect(try LedgerCheck.run(ledger).isClean)
  }

  @Test("a described whole video stays beside its pieces; one without an answer gives way")
  func wholeAndPieces() throws {
    try ledger.register([LedgerFixture.video("a"), LedgerFixture.video("b")])
    try fixture.answer("a", request: "r", intent: "i", text: "All of it.")
    _ = try ledger.noteFailure(
      LedgerAttempt(videoID: "b", requestKey: nil, stage: .describe), reason: "no answer")
    #expect(try ledger.failures().map(\.videoID) == ["b"])
    try ledger.register(pieces(of: "a", every: 60) + pieces(of: "b", every: 60))
    #expect(try ledger.failures().isEmpty)
    #expect(try ledger.status().videos == 5)
    try fixture.answer("a@60-120", request: "r2", intent: "i2", text: "The end of it.")
    #expect(try exported() == ["a", "a@60-120"])
    // Back to whole videos: the pieces without an answer give way, the other stays.
    try ledger.register([LedgerFixture.video("a"), LedgerFixture.video("b")])
    #expect(try exported() == ["a", "a@60-120"])
    #expect(try ledger.failures().map(\.videoID) == ["b"])
    #expect(try ledger.status().videos == 3)
  }

  @Test("the pieces of a file that has changed and is now shorter are set aside")
  func changedFile() throws {
    try ledger.register(pieces(of: "cam", every: 40))
    try fixture.answer("cam@80-120", request: "r", intent: "i", text: "Old.")
    try ledger.register(Array(pieces(of: "cam", every: 60, hash: "new")))
    #expect(try exported().isEmpty)
    #expect(try ledger.status().waiting == 2)
  }

  @Test("pieces are listed in the order of time, with their place in the video")
  func order() throws {
    let all = pieces(of: "cam", every: 10)
    try ledger.register(all)
    for (place, video) in all.enumerated() {
      try fixture.answer(
        video.id, request: "r\(place)", intent: "i\(place)", text: "Text \(place).")
    }
    let lines = try DescriptionExport.lines(of: ledger)
    #expect(lines.map(\.video) == all.map(\.id))
    #expect(lines[10].segmentOf == "cam")
    #expect((lines[10].startSeconds, lines[10].endSeconds) == (100, 110))
    let table = fixture.folder.file("d.csv")
    try DescriptionTable.write(ledger, to: table)
    let rows = try String(contentsOf: table, encoding: .utf8).split(separator: "\n")
    #expect(rows[11].hasPrefix("cam@100-110,train,Text 10.,"))
    #expect(rows[11].contains(",cam,100,110,"))
  }

  @Test("a header that was read stays known while the file is the same")
  func header() throws {
    try ledger.register(pieces(of: "cam", every: 60))
    let bare = LedgerVideo(
      id: "cam@0-60", path: "/videos/cam.mp4",
      fingerprint: VideoFingerprint(sizeBytes: 10, modifiedSeconds: 5, hash: "h"))
    try ledger.register([bare])
    #expect(try ledger.video("cam@0-60")?.headerSeconds == 120)
    var changed = bare
    changed.fingerprint = "other"
    try ledger.register([changed])
    #expect(try ledger.video("cam@0-60")?.headerSeconds == nil)
  }

  @Test("joined, what was set aside stays aside and what is missing is added")
  func merged() throws {
    let other = try LedgerFixture()
    try other.ledger.register(pieces(of: "cam", every: 60))
    try other.answer("cam@0-60", request: "r1", intent: "i1", text: "One.")
    try ledger.register(pieces(of: "cam", every: 60))
    try ledger.register(pieces(of: "cam", every: 40))
    _ = try LedgerMerge.join(other.ledger, into: ledger)
    #expect(try exported().isEmpty)
    let empty = try LedgerFixture()
    _ = try LedgerMerge.join(other.ledger, into: empty.ledger)
    #expect(try DescriptionExport.lines(of: empty.ledger).map(\.video) == ["cam@0-60"])
    #expect(try empty.ledger.video("cam@60-120")?.startSeconds == 60)
  }
}
