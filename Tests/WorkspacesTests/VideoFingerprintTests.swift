import Foundation
import TestSupport
import Testing
import Workspaces

@Suite("Video fingerprint")
struct VideoFingerprintTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func file(_ name: String, _ bytes: Data) throws -> String {
    try bytes.write(to: folder.file(name))
    return folder.file(name).path
  }

  @Test("a copy has the same hash, another content of the same size another")
  func copies() throws {
    var bytes = Data((0..<1_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31) })
    let first = try VideoFingerprint.measure(path: file("a", bytes))
    let copy = try VideoFingerprint.measure(path: file("b", bytes))
    #expect(first.hash == copy.hash && first.sizeBytes == 1_000_000)
    bytes[999_999] ^= 1
    #expect(try VideoFingerprint.measure(path: file("c", bytes)).hash != first.hash)
  }

  @Test("a small file is hashed whole, an empty one too")
  func small() throws {
    let empty = try VideoFingerprint.measure(path: file("a", Data()))
    let one = try VideoFingerprint.measure(path: file("b", Data([0])))
    #expect(empty.hash != one.hash && empty.sizeBytes == 0)
  }

  @Test("what is known is believed while size and time agree, and not after")
  func known() throws {
    let path = try file("a", Data([1, 2, 3]))
    let measured = try VideoFingerprint.measure(path: path)
    let known = VideoFingerprint(
      sizeBytes: measured.sizeBytes, modifiedSeconds: measured.modifiedSeconds, hash: "known")
    #expect(try VideoFingerprint.measure(path: path, known: known).hash == "known")
    let stale = VideoFingerprint(
      sizeBytes: measured.sizeBytes, modifiedSeconds: measured.modifiedSeconds - 5, hash: "known")
    #expect(try VideoFingerprint.measure(path: path, known: stale) == measured)
  }

  @Test("a missing file and a folder are unreadable input, named")
  func unreadable() throws {
    for path in [folder.file("none.mp4").path, folder.url.path] {
      let error = try #require(throws: WorkspaceError.self) {
        try VideoFingerprint.measure(path: path)
      }
      #expect(error.failureKind == .unreadableInput)
      #expect(error.description.hasPrefix(path))
    }
  }
}
