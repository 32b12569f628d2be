import Foundation
import Records
import TestSupport
import Testing

/// A disk that is full at some write of `embed`: the run says so, what was stored stays
/// valid, and the next run goes on when there is room.
@Suite(.blocking) struct FullDiskEmbedTests {
  private static let isSoak = ProcessInfo.processInfo.environment["KESS_SOAK"] == "1"

  @Test(
    "a full disk is named, spoils nothing, and costs no text a second embedding",
    .enabled(if: SmallDisk.canMount, "mounting is not allowed here"))
  func aFullDisk() throws {
    let folder = try TemporaryFolder()
    // The ledger keeps every description of every round.
    let disk = try #require(
      try SmallDisk(in: folder, kibibytes: Self.isSoak ? 65_536 : 8_192))
    defer { disk.remove() }
    var space = try StoredDescriptions(
      videos: 300, in: folder, at: disk.folder.appendingPathComponent("space"))
    let server = try TextHashServer.start(delayMicroseconds: 0)
    defer { server.stop() }
    let run = ["--encoder", server.base, "--long", "truncate", "--store-every", "0"]
    var failures = 0
    // Full before the first table, in the files, in their index.
    for room in Self.isSoak ? Array(stride(from: 0, to: 800, by: 12)) : [0, 40, 120, 200] {
      let stored = try space.recordedHashes()
      let askedBefore = TextHashServer.asked(server).count
      let filler = try disk.fill(leavingKibibytes: room)
      let full = try space.embed(run)
      try FileManager.default.removeItem(at: filler)
      if full.exitCode != 0 {
        failures += 1
        #expect(full.exitCode == 1, "\(room) KiB: \(full.standardError)")
        let words = ["disk is full", "No space left", "enough space"]
        #expect(words.contains { full.lastError.contains($0) }, "\(room) KiB: \(full.lastError)")
      }
      let kept = try space.recordedHashes()
      #expect(stored.isSubset(of: kept), "\(room) KiB")
      if !kept.isEmpty {
        let verified = try space.embed(["verify"])
        #expect(verified.exitCode == 0, "\(room) KiB: \(verified.standardOutput)")
      }
      let askedWhileFull = TextHashServer.asked(server).count
      let again = try space.embed(run)
      #expect(again.exitCode == 0, "\(room) KiB: \(again.standardError)")
      let hashes = TextHashServer.asked(server).map { ContentHash.of(Data($0.utf8)) }
      #expect(Set(hashes[askedBefore..<askedWhileFull]).isDisjoint(with: stored))
      #expect(Set(hashes[askedWhileFull...]).isDisjoint(with: kept), "\(room) KiB: asked again")
      #expect(try space.exportedVectors().count == 300)
      try space.describe((0..<300).map { "v\($0)" })
      // What the last round left behind counts as used room else.
      #expect(try space.embed(["gc"]).exitCode == 0)
    }
    #expect(failures > 0)
  }
}
