import Datasets
import Descriptions
import Foundation
import KeyEvents
import Records
import TestSupport
import Testing
import Workspaces

/// Frames that are stored, as they are sent, beside their selection.
@Suite("Sent frames")
struct SentFramesTests {
  private let server: FaultInjectingServer

  init() throws {
    server = try FaultInjectingServer { request in .chat("answer \(request.index) is here") }
  }

  private func videos(_ count: Int) throws -> (FakeVideos, DecodingLog) {
    var videos = try FakeVideos(count)
    let log = DecodingLog()
    videos.decodings = log
    return (videos, log)
  }

  private func otherPrompt() throws -> PromptTemplate {
    try DescribingFixture.prompt(DescribingFixture.promptSource + "Why?")
  }

  @Test("another prompt decodes nothing, and its requests and keys are the same without the file")
  func anotherPrompt() async throws {
    defer { server.stop() }
    let (videos, log) = try videos(4)
    let describer = try await DescribingFixture.connect(server)
    _ = try await videos.run(describer).run.run(videos.videos)
    #expect(Set(log.videoIDs).count == 4 && log.videoIDs.count == 4)
    let (kept, ledger) = try videos.run(describer, prompt: otherPrompt())
    #expect(try await kept.run(videos.videos).done == 4)
    #expect(log.videoIDs.count == 4)
    let (without, otherLedger) = try videos.run(
      describer, prompt: otherPrompt(), workspace: "other", keepsFrames: false)
    #expect(try await without.run(videos.videos).done == 4)
    #expect(log.videoIDs.count == 8)
    #expect(server.chats.count == 12)
    #expect(Set(server.chats[4..<8].map(\.body)) == Set(server.chats[8..<12].map(\.body)))
    for video in videos.videos {
      let key = try #require(try ledger.description(videoID: video.id)).requestKey
      #expect(try otherLedger.description(videoID: video.id)?.requestKey == key)
      #expect(try ledger.request(key)?.frames == otherLedger.request(key)?.frames)
      #expect(try ledger.request(key)?.predictedImageTokens == 3 * 6)
    }
  }

  @Test("a file that is damaged, cut, or of another selection is replaced by the same file")
  func damage() async throws {
    defer { server.stop() }
    let (videos, log) = try videos(1)
    let describer = try await DescribingFixture.connect(server)
    _ = try await videos.run(describer).run.run(videos.videos)
    let file = videos.folder.appendingPathComponent("\(videos.videos[0].id).frames")
    let whole = try Data(contentsOf: file)
    var flipped = whole
    flipped[whole.count - 9] ^= 1
    var otherHeader = whole
    let place = try #require(whole.range(of: Data("\"frameIndex\":0".utf8))).upperBound - 1
    otherHeader[place] = UInt8(ascii: "1")
    let foreign = try sealed(whole) { $0.replacing("\"format\":1", with: "\"format\":2") }
    let elsewhere = try sealed(whole) { $0.replacing("-p1\"", with: "-p9\"") }
    let short = try sealed(whole) { $0.replacing("\"byteCount\":", with: "\"byteCount\":1") }
    for (number, damaged) in [
      flipped, otherHeader, whole.dropLast(5), Data(), Data("no frames".utf8), foreign, elsewhere,
      short,
    ].enumerated() {
      #expect(damaged != whole)
      try damaged.write(to: file)
      let summary = try await videos.run(describer, workspace: "w\(number)").run.run(videos.videos)
      #expect(summary.done == 1 && log.videoIDs.count == number + 2)
      #expect(try Data(contentsOf: file) == whole)
    }
  }

  /// The file with another header and the matching hash.
  private func sealed(_ file: Data, _ change: (String) -> String) throws -> Data {
    let lines = file.split(separator: UInt8(ascii: "\n"), maxSplits: 2)
    try #require(lines.count == 3)
    let content = Data((change(String(decoding: lines[1], as: UTF8.self)) + "\n").utf8) + lines[2]
    return Data("\(ContentHash.of(content))\n".utf8) + content
  }

  @Test("pictures of another quality replace the stored ones; if switched off, none are stored")
  func otherPreparation() async throws {
    defer { server.stop() }
    let (videos, log) = try videos(1)
    let file = videos.folder.appendingPathComponent("\(videos.videos[0].id).frames")
    func run(quality: Int, keepsFrames: Bool = true) async throws {
      let describer = try await OpenAIDescriber.connect(
        endpoint: server.base, options: OpenAIDescriber.Options(jpegQuality: quality))
      let run = try videos.run(describer, keepsFrames: keepsFrames).run
      #expect(try await run.run(videos.videos).done == 1)
    }
    try await run(quality: 90, keepsFrames: false)
    #expect(!FileManager.default.fileExists(atPath: file.path))
    try await run(quality: 80)
    let first = try Data(contentsOf: file)
    try await run(quality: 40)
    #expect(try Data(contentsOf: file).count < first.count)
    #expect(log.videoIDs.count == 3)
  }

  @Test("the frames are stored beside the record at once, so the video is not needed again")
  func withoutTheVideo() async throws {
    defer { server.stop() }
    let folder = try TemporaryFolder()
    let path = try DescribingFixture.clip(frames: 30, in: folder)
    let workspace = try Workspace.create(at: folder.file("w"), dataset: "d", root: nil)
    let video = DatasetVideo(id: "clip", path: path)
    let source = KeyEventFrameSource(
      workspace: workspace, options: SelectionOptions(frames: 3)
    ) { _ in NoveltyScorer() }
    let describer = try await DescribingFixture.connect(server)
    func run(_ prompt: PromptTemplate) async throws -> DescribeSummary {
      try await DescribeRun(
        workspace: workspace, ledger: workspace.openLedger(), describer: describer,
        source: source, prompt: prompt
      ).run([video])
    }
    #expect(try await run(DescribingFixture.prompt()).done == 1)
    let chosen = try source.chosenFrames(of: video, fingerprint: .measure(path: path))
    let file = try #require(chosen.sentFramesFile)
    #expect(file.deletingLastPathComponent().path.hasPrefix(workspace.selectionsFolder.path))
    #expect(FileManager.default.fileExists(atPath: file.path))
    // Same size and modification time, so it counts as the same file, but it cannot be decoded.
    let attributes = try FileManager.default.attributesOfItem(atPath: path)
    let size = try #require(attributes[.size] as? Int)
    let handle = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
    try handle.write(contentsOf: Data(count: size))
    try handle.close()
    try FileManager.default.setAttributes(
      [.modificationDate: try #require(attributes[.modificationDate] as? Date)],
      ofItemAtPath: path)
    #expect(throws: (any Error).self) {
      let fingerprint = try VideoFingerprint.measure(path: path)
      let other = KeyEventFrameSource(
        workspace: workspace, options: SelectionOptions(frames: 3)
      ) { _ in NoveltyScorer() }
      let chosen = try other.chosenFrames(of: video, fingerprint: fingerprint)
      _ = try other.frames(of: chosen, from: video, fingerprint: fingerprint)
    }
    #expect(try await run(otherPrompt()).done == 1)
    #expect(server.chats.count == 2)
  }
}
