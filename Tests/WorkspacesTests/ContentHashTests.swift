import Datasets
import Foundation
import Records
import TestSupport
import Testing
import Workspaces

@Suite("Content hash of a video in the ledger")
struct ContentHashTests {
  let folder: TemporaryFolder
  let ledger: Ledger
  var path: String { folder.file("v.mp4").path }

  init() throws {
    folder = try TemporaryFolder()
    ledger = try Ledger(at: folder.file("ledger.sqlite"))
    try Data("first".utf8).write(to: folder.file("v.mp4"))
  }

  private func register(_ fingerprint: VideoFingerprint? = nil) throws {
    try ledger.register([
      LedgerVideo(
        id: "v", path: path, fingerprint: try fingerprint ?? VideoFingerprint.measure(path: path))
    ])
  }

  private func describe() throws {
    try LedgerFixture.answer("v", request: "r", intent: "i", text: "A man.", in: ledger)
  }

  /// Other bytes with the same size and time: only reading the file sees them.
  private func replaceUnseen() throws {
    let modified = try FileManager.default.attributesOfItem(atPath: path)[.modificationDate]
    try Data("other".utf8).write(to: folder.file("v.mp4"))
    try FileManager.default.setAttributes(
      [.modificationDate: try #require(modified)], ofItemAtPath: path)
  }

  @Test("where size and time are those of the row, its hash is taken and the file is not read")
  func reused() throws {
    let measured = try VideoFingerprint.measure(path: path)
    try register(
      VideoFingerprint(
        sizeBytes: measured.sizeBytes, modifiedSeconds: measured.modifiedSeconds, hash: "stored"))
    #expect(try ledger.contentHash(of: path) == "stored")
  }

  @Test("a row without a hash gets one: measured once, then reused, by other connections too")
  func measuredOnce() throws {
    try register(.unmeasured)
    let measured = try VideoFingerprint.measure(path: path)
    #expect(try ledger.fingerprint(of: path) == measured)
    #expect(try ledger.video("v")?.measuredFingerprint == measured)
    try replaceUnseen()
    #expect(try ledger.contentHash(of: path) == measured.hash)
    #expect(try Ledger(at: ledger.file).contentHash(of: path) == measured.hash)
    #expect(try VideoFingerprint.measure(path: path).hash != measured.hash)
  }

  @Test("a changed file is measured again and stored, and loses its description as in register")
  func changed() throws {
    try register()
    try describe()
    let before = try ledger.contentHash(of: path)
    #expect(try ledger.description(videoID: "v") != nil)
    try Data("much more".utf8).write(to: folder.file("v.mp4"))
    let after = try ledger.contentHash(of: path)
    #expect(try after != before && after == VideoFingerprint.measure(path: path).hash)
    #expect(try ledger.video("v")?.fingerprint == after)
    #expect(try ledger.description(videoID: "v") == nil)
    // The answer to the earlier content is kept.
    #expect(try ledger.counts().descriptions == 1 && LedgerCheck.run(ledger).isClean)
  }

  @Test("a file with another time and the same bytes keeps its hash and its description")
  func touched() throws {
    try register()
    try describe()
    let before = try ledger.contentHash(of: path)
    let later = Date(timeIntervalSince1970: 2_000_000_000)
    try FileManager.default.setAttributes([.modificationDate: later], ofItemAtPath: path)
    #expect(try ledger.contentHash(of: path) == before)
    #expect(try ledger.video("v")?.modifiedSeconds == 2_000_000_000)
    #expect(try ledger.description(videoID: "v") != nil)
  }

  @Test("all pieces of a file get its new measurement; those of an earlier cut do not hide it")
  func pieces() throws {
    func cut(_ seconds: Int) throws -> [LedgerVideo] {
      try VideoSegment.pieces(of: "v", durationSeconds: 120, segmentSeconds: seconds).map {
        LedgerVideo(
          id: $0.id, path: path, fingerprint: try VideoFingerprint.measure(path: path), segment: $0,
          headerSeconds: 120)
      }
    }
    try ledger.register(cut(60))
    try Data("much more".utf8).write(to: folder.file("v.mp4"))
    try ledger.register(cut(40))
    let hash = try ledger.contentHash(of: path)
    #expect(try ledger.video("v@0-40")?.fingerprint == hash)
    #expect(try ledger.video("v@0-40")?.headerSeconds == 120)
    try Data("and yet more".utf8).write(to: folder.file("v.mp4"))
    let last = try ledger.contentHash(of: path)
    #expect(try last != hash && ledger.videos().allSatisfy { $0.fingerprint == last })
    #expect(try ledger.videos().allSatisfy { $0.headerSeconds == nil })
  }

  @Test("a file without a row is measured once for a connection, and no row is made")
  func unregistered() throws {
    let hash = try ledger.contentHash(of: path)
    #expect(try hash == VideoFingerprint.measure(path: path).hash)
    try replaceUnseen()
    #expect(try ledger.contentHash(of: path) == hash)
    #expect(try Ledger(at: ledger.file).contentHash(of: path) != hash)
    #expect(try ledger.videos().isEmpty)
  }

  @Test("a file that is gone is named with the reason, and its row stays as it is")
  func missing() throws {
    try register()
    try describe()
    let row = try ledger.video("v")
    try FileManager.default.removeItem(atPath: path)
    let error = try #require(throws: RecordError.self) { try ledger.contentHash(of: path) }
    #expect(error.failureKind == .unreadableInput)
    #expect(error.description.hasPrefix(path) && error.description.contains("no such file"))
    #expect(try ledger.video("v") == row && row?.descriptionKey == "r")
  }

  @Test("eight threads get the same hashes and store each of them")
  func threads() throws {
    let paths = (0..<8).map { folder.file("\($0).mp4").path }
    for (number, path) in paths.enumerated() {
      try Data("video \(number)".utf8).write(to: URL(fileURLWithPath: path))
    }
    try ledger.register(
      paths.enumerated().map { LedgerVideo(id: "v\($0)", path: $1, fingerprint: .unmeasured) })
    DispatchQueue.concurrentPerform(iterations: 32) { turn in
      do {
        let path = paths[turn % 8]
        let hash = try ledger.contentHash(of: path)
        #expect(try hash == VideoFingerprint.measure(path: path).hash)
      } catch {
        Issue.record("\(error)")
      }
    }
    for (number, path) in paths.enumerated() {
      #expect(
        try ledger.video("v\(number)")?.fingerprint == VideoFingerprint.measure(path: path).hash)
    }
  }
}
