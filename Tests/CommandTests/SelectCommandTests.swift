import Foundation
import TestSupport
import Testing
import Video

@Suite(.blocking) struct SelectCommandTests {
  private struct Record: Decodable {
    struct Frame: Decodable {
      var candidateIndex: Int
      var frameIndex: Int
      var timestampSeconds: Double
      var relevance: Double?
      var role: String
      var event: Int?
      var reason: String
      var image: String?
    }
    struct Named: Decodable { var kind: String }
    var frames: [Frame]
    var strategy: String
    var queries: [String]
    var scorer: Named
  }

  /// Real clips, where set-up has fetched them.
  private static let clips = ProcessInfo.processInfo.environment["KESS_CLIPS"]

  @Test(.enabled(if: clips != nil), arguments: ["kess", "uniform", "topk"])
  func aRealClipGivesSixDistinctFramesInTimeOrderAndAContactSheet(strategy: String) throws {
    let folder = try TemporaryFolder()
    let clip = (Self.clips ?? "") + "/bikes.mp4"
    let run = try CommandRun.run(
      "kess",
      [
        "select", clip, "--frames", "6", "--strategy", strategy, "--scorer", "builtin", "--json",
        "--out", "out",
      ], in: folder.url)
    #expect(run.exitCode == 0, "\(run.standardError)")
    let record = try JSONDecoder().decode(Record.self, from: Data(run.standardOutput.utf8))
    #expect(record.frames.count == 6)
    #expect(Set(record.frames.map(\.frameIndex)).count == 6)
    let times = record.frames.map(\.timestampSeconds)
    #expect(times == times.sorted())
    #expect(record.strategy == strategy)
    #expect(record.scorer.kind == "builtin")
    for frame in record.frames {
      let image = try ImageFile.read(path: folder.file("out/\(frame.image ?? "none")").path)
      #expect(image.width > 0)
      #expect(!frame.reason.isEmpty)
    }
    let sheet = try ImageFile.read(path: folder.file("out/bikes.contact.jpg").path)
    #expect(sheet.width > 600)
    let stored = try JSONDecoder().decode(
      Record.self, from: Data(contentsOf: folder.file("out/bikes.selection.json")))
    #expect(stored.frames.map(\.frameIndex) == record.frames.map(\.frameIndex))
  }

  @Test func eightFramesOfAShortClipAreEightFrames() throws {
    let folder = try TemporaryFolder()
    try SmallDataset.clip(to: folder.file("short.mp4"), frames: 20)
    let run = try CommandRun.run(
      "kess", ["short.mp4", "--frames", "8", "--scorer", "builtin", "--json"], in: folder.url)
    #expect(run.exitCode == 0, "\(run.standardError)")
    let record = try JSONDecoder().decode(Record.self, from: Data(run.standardOutput.utf8))
    #expect(Set(record.frames.map(\.frameIndex)).count == 8)
  }

  @Test func aFailedVideoAmongOthersCostsOnlyItself() throws {
    let folder = try TemporaryFolder()
    try SmallDataset.clip(to: folder.file("good.mp4"), frames: 20)
    try Data("not a video at all".utf8).write(to: folder.file("bad.mp4"))
    let run = try CommandRun.run(
      "kess", ["select", "bad.mp4", "good.mp4", "--scorer", "builtin", "--out", "out"],
      in: folder.url)
    #expect(run.exitCode == 2)
    #expect(run.standardError.contains("bad.mp4"))
    #expect(FileManager.default.fileExists(atPath: folder.file("out/good.selection.json").path))
  }

  @Test func wordsNeedWeights() throws {
    let folder = try TemporaryFolder()
    try SmallDataset.clip(to: folder.file("short.mp4"), frames: 20)
    let run = try CommandRun.run(
      "kess", ["select", "short.mp4", "--query", "a fight", "--scorer", "builtin"], in: folder.url)
    #expect(run.exitCode == 64)
    #expect(run.lastError.contains("--clip-model"))
  }
}
