import Foundation
import Records
import TestSupport
import Testing
import Video

@Suite struct VideoErrorTests {
  let folder: TemporaryFolder
  init() throws { folder = try TemporaryFolder() }

  /// The error that a path gives, checked for its form: one line, subject first.
  private func error(at path: String) -> VideoError? {
    do {
      _ = try VideoReader(path: path)
      return nil
    } catch let error as VideoError {
      #expect(error.description.hasPrefix(path + ": "))
      #expect(!error.description.contains("\n") && error.description.contains(";"))
      #expect(error.failureKind == .unreadableInput)
      return error
    } catch {
      Issue.record("\(path): \(error)")
      return nil
    }
  }

  private func file(_ name: String, _ content: Data) throws -> String {
    try content.write(to: folder.file(name))
    return folder.file(name).path
  }

  private func fixture(_ name: String) throws -> Data {
    try Data(contentsOf: Golden.url(name, in: "Fixtures"))
  }

  @Test func aMissingFileAFolderAndAnEmptyFileAreTold() throws {
    let missing = folder.file("no.mp4").path
    #expect(error(at: missing) == .missing(path: missing))
    #expect(error(at: missing + "/below") == .missing(path: missing + "/below"))
    #expect(error(at: folder.url.path) == .folder(path: folder.url.path))
    let empty = try file("empty.mp4", Data())
    #expect(error(at: empty) == .empty(path: empty))
  }

  @Test func aPipeIsRefusedWithoutWaiting() throws {
    let path = folder.file("pipe.mp4").path
    try #require(mkfifo(path, 0o600) == 0)
    #expect(error(at: path) == .notAFile(path: path))
  }

  @Test func anMP4WithoutItsIndexIsTruncated() throws {
    let path = try file("cut.mp4", try fixture("b-frames.mp4").prefix(2000))
    guard case .truncated(_, let finding) = error(at: path) else {
      Issue.record("not truncated")
      return
    }
    #expect(finding.contains("'mdat'") && finding.contains("moov"))
  }

  @Test func anAVICutInItsHeaderIsTruncated() throws {
    let path = try file("cut.avi", try fixture("mpeg4.avi").prefix(3000))
    guard case .truncated(_, let finding) = error(at: path) else {
      Issue.record("not truncated")
      return
    }
    #expect(finding == "its header claims 10832 bytes, the file has 3000")
  }

  @Test(arguments: ["sound.m4a", "sound.mp3", "sound-with-cover.m4a"])
  func soundAloneIsNoVideoEvenWithACoverPicture(name: String) throws {
    let path = VideoFixtures.path(name)
    let codec = name.hasSuffix("mp3") ? "mp3" : "aac"
    #expect(error(at: path) == .audioOnly(path: path, codec: codec))
  }

  @Test func otherFilesAreNoVideosWhateverTheirNames() throws {
    let subtitles = "1\n00:00:01,000 --> 00:00:02,000\nhello\n"
    let contents: [(String, Data, String)] = [
      ("text.mp4", Data("hello world\n".utf8), "text"),
      ("page.mkv", Data("<html><body>404</body></html>".utf8), "text"),
      ("numbers.avi", Data((1...3000).map { "\($0)\n" }.joined().utf8), "text"),
      ("art.txt", Data("\u{1B}[31mred\u{1B}[0m\n".utf8), "text"),
      ("accents.mp4", Data(String(repeating: "é", count: 600).utf8.dropFirst(0)), "text"),
      ("subtitles.mp4", Data(subtitles.utf8), "SubRip"),
      ("list.mp4", Data("ffconcat version 1.0\nfile /etc/passwd\n".utf8), "concat"),
      ("zeros.mp4", Data(count: 50_000), "data of no known format"),
      ("picture.mp4", try Data(contentsOf: Golden.url("images/rgb.png")), "still image"),
      ("photo.avi", try Data(contentsOf: Golden.url("images/420.jpg")), "still image"),
    ]
    for (name, content, expected) in contents {
      let path = try file(name, content)
      guard case .notAVideo(_, let found) = error(at: path) else {
        Issue.record("\(name) is not refused as no video")
        continue
      }
      #expect(found.contains(expected), "\(name): \(found)")
    }
  }

  @Test func randomBytesAreNoVideo() throws {
    var generator = SeededGenerator(seed: 11)
    for count in [16, 900, 40_000] {
      let path = try file(
        "random\(count).mp4",
        Data((0..<count).map { _ in UInt8.random(in: 0...255, using: &generator) }))
      #expect(error(at: path) != nil)
    }
  }

  @Test func anUnknownCodecIsNamed() throws {
    var bytes = try fixture("b-frames.mp4")
    while let place = bytes.range(of: Data("avc1".utf8)) {
      bytes.replaceSubrange(place, with: Data("xyz9".utf8))
    }
    let path = try file("unknown.mp4", bytes)
    #expect(error(at: path) == .noDecoder(path: path, codec: "xyz9"))
  }

  @Test func aVideoOfWhichNothingDecodesIsAnError() throws {
    // All picture data zeroed: packets are there, frames are not.
    var bytes = try fixture("b-frames.mp4")
    let data = try #require(bytes.range(of: Data("mdat".utf8)))
    let end = try #require(bytes.range(of: Data("moov".utf8))).lowerBound - 4
    bytes.replaceSubrange(data.upperBound..<end, with: Data(count: end - data.upperBound))
    let path = try file("nothing.mp4", bytes)
    #expect(error(at: path) == .noFrameDecodes(path: path, codec: "h264", packets: 20))
  }
}
