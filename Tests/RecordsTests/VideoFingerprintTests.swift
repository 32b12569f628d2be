import Foundation
import Records
import TestSupport
import Testing

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
      let error = try #require(throws: RecordError.self) {
        try VideoFingerprint.measure(path: path)
      }
      #expect(error.failureKind == .unreadableInput)
      #expect(error.description.hasPrefix(path))
    }
  }

  private func link(_ name: String, to target: String) throws -> String {
    let path = folder.file(name).path
    try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: target)
    return path
  }

  @Test("a link is the file behind it: the same fingerprint, and a changed file is noticed")
  func links() throws {
    let bytes = Data((0..<700_000).map { UInt8(truncatingIfNeeded: $0 &* 13) })
    let target = try file("target.mp4", bytes)
    let linked = try link("linked.mp4", to: "target.mp4")
    let known = try VideoFingerprint.measure(path: linked)
    #expect(try known == VideoFingerprint.measure(path: target) && known.sizeBytes == 700_000)
    _ = try file("target.mp4", bytes + Data([1]))
    let changed = try VideoFingerprint.measure(path: linked, known: known)
    #expect(changed.sizeBytes == 700_001 && changed.hash != known.hash)
    let error = try #require(throws: RecordError.self) {
      try VideoFingerprint.measure(path: link("dangling.mp4", to: "none.mp4"))
    }
    #expect(error.description.contains("no such file"))
  }

  @Test("a folder of images behind a link, and images that are links, are measured as files are")
  func linkedFolders() throws {
    let manager = FileManager.default
    for name in ["plain", "links"] {
      try manager.createDirectory(at: folder.file(name), withIntermediateDirectories: true)
    }
    for number in 1...3 {
      let image = try file("plain/\(number).jpg", Data(repeating: UInt8(number), count: number * 9))
      _ = try link("links/\(number).jpg", to: image)
    }
    let plain = try VideoFingerprint.measure(path: folder.file("plain").path)
    #expect(plain.sizeBytes == 54)
    #expect(try VideoFingerprint.measure(path: link("linked", to: "plain")) == plain)
    #expect(try VideoFingerprint.measure(path: folder.file("links").path) == plain)
  }

  @Test("what is neither a file nor a folder is not read")
  func pipe() throws {
    let path = folder.file("pipe.mp4").path
    #expect(mkfifo(path, 0o600) == 0)
    let error = try #require(throws: RecordError.self) {
      try VideoFingerprint.measure(path: path)
    }
    #expect(error.description.contains("neither a file nor a folder"))
  }
}
