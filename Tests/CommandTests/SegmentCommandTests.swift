import Foundation
import Synchronization
import TestSupport
import Testing

/// `describe --segment` on clips of 6 and 1.5 seconds, with a server that answers.
@Suite(.blocking) struct SegmentCommandTests {
  private struct Line: Decodable {
    var video: String
    var segmentOf: String?
    var startSeconds: Int?
    var endSeconds: Int?
    var frameSeconds: [Double]
  }

  private func bench() throws -> DescribeBench {
    let bench = try DescribeBench(videos: 0)
    try SmallDataset.clip(to: bench.folder.file("videos/long.mp4"), frames: 96)
    try SmallDataset.clip(to: bench.folder.file("videos/short.mp4"), frames: 24, phase: 9)
    return bench
  }

  private func lines(_ bench: DescribeBench) throws -> [Line] {
    let file = bench.folder.file("workspaces/videos/descriptions.jsonl")
    return try String(contentsOf: file, encoding: .utf8).split(separator: "\n")
      .map { try JSONDecoder().decode(Line.self, from: Data($0.utf8)) }
  }

  private func words(_ request: FaultInjectingServerRequest) throws -> String {
    let body = try JSONSerialization.jsonObject(with: request.body) as? [String: Any]
    let messages = body?["messages"] as? [[String: Any]]
    let parts = messages?.first?["content"] as? [[String: Any]]
    return parts?.compactMap { $0["text"] as? String }.joined() ?? ""
  }

  @Test func longFootageIsDescribedInPiecesAndARerunAsksNothing() throws {
    let bench = try bench()
    let server = try FaultInjectingServer { .chat("The answer is \($0.index).") }
    defer { server.stop() }
    let first = try bench.describe(server, ["--segment", "2"])
    #expect(first.exitCode == 0, "\(first.standardError)")
    #expect(first.standardOutput.contains("4 described, 0 kept"))
    let lines = try lines(bench)
    #expect(lines.map(\.video) == ["long@0-2", "long@2-4", "long@4-6", "short"])
    #expect(lines.map(\.segmentOf) == ["long", "long", "long", nil])
    #expect(lines[1].startSeconds == 2 && lines[1].endSeconds == 4)
    // Times are a piece's own, in the request and in the export.
    #expect(lines.allSatisfy { $0.frameSeconds.allSatisfy { (0..<2).contains($0) } })
    for request in server.chats {
      let words = try words(request)
      #expect(words.contains("video of 2.0 s") || words.contains("video of 1.5 s"), "\(words)")
      #expect(!words.contains("long") && !words.contains("@"))
    }
    let verified = try bench.command("verify")
    #expect(verified.exitCode == 0, "\(verified.standardOutput)")
    let again = try bench.describe(server, ["--segment", "2"])
    #expect(again.exitCode == 0 && again.standardOutput.contains("0 described, 4 kept"))
    #expect(server.chats.count == 4)
    let embedded = try CommandRun.run("embed", ["--encoder", "builtin"], in: bench.folder.url)
    #expect(embedded.standardOutput.contains("4 embedded"), "\(embedded.standardError)")
  }

  @Test func aPieceThatFailedIsListedAndRetriedAloneWithoutNamingTheLength() throws {
    let bench = try bench()
    let isHealthy = Mutex(false)
    let server = try FaultInjectingServer { request in
      isHealthy.withLock { $0 } || request.index != 2
        ? .chat("The answer is \(request.index).") : .error(400, "bad media")
    }
    defer { server.stop() }
    let first = try bench.describe(server, ["--segment", "2", "--jobs", "1"])
    #expect(first.exitCode == 2, "\(first.standardError)")
    let failed = try bench.command("failed")
    #expect(failed.standardOutput.contains("long@4-6"), "\(failed.standardOutput)")
    isHealthy.withLock { $0 = true }
    let retried = try CommandRun.run(
      "describe",
      [
        "retry", "--dataset", "videos", "--endpoint", server.base, "--scorer", "builtin",
        "--frames", "2", "--no-preflight",
      ], in: bench.folder.url)
    #expect(retried.exitCode == 0, "\(retried.standardError)")
    #expect(retried.standardOutput.contains("1 described"))
    #expect(server.chats.count == 5)
    #expect(try lines(bench).count == 4)
    #expect(try bench.command("failed").standardOutput == "nothing failed\n")
  }

  @Test func aFileThatCannotBeCutIsNamedWithTheReason() throws {
    let bench = try bench()
    let server = try FaultInjectingServer { .chat("The answer is \($0.index).") }
    defer { server.stop() }
    let file = bench.folder.file("videos/long.mp4")
    try Data(contentsOf: file).prefix(300).write(to: file)
    let run = try bench.describe(server, ["--segment", "2"])
    #expect(run.exitCode == 2 && run.standardOutput.contains("1 described, 0 kept, 1 failed"))
    #expect(run.standardError.contains("long.mp4"), "\(run.standardError)")
    #expect(try bench.command("failed").standardOutput.contains("long.mp4"))
  }

  @Test func partsOfAShardHoldWholeVideosAndJoin() throws {
    let bench = try bench()
    let server = try FaultInjectingServer { .chat("The answer is \($0.index).") }
    defer { server.stop() }
    for part in 1...2 {
      let run = try bench.describe(
        server, ["--segment", "2", "--shard", "\(part)/2", "--workspace", "part\(part)"])
      // A part without any video is a usage error, not a crash.
      #expect([0, 64, 65].contains(run.exitCode), "\(run.standardError)")
    }
    let parts = ["part1", "part2"].filter {
      FileManager.default.fileExists(atPath: bench.folder.file("\($0)/ledger.sqlite").path)
    }
    let merged = try CommandRun.run(
      "describe", ["merge"] + parts + ["--workspace", "whole"], in: bench.folder.url)
    #expect(merged.exitCode == 0, "\(merged.standardError)")
    let rerun = try bench.describe(server, ["--segment", "2", "--workspace", "whole"])
    #expect(rerun.standardOutput.contains("0 described, 4 kept"), "\(rerun.standardOutput)")
    #expect(server.chats.count == 4)
  }

  @Test func aPlanCountsPiecesAndSettingsOutOfRangeAreRefused() throws {
    let bench = try bench()
    let server = try FaultInjectingServer { .chat("The answer is \($0.index).") }
    defer { server.stop() }
    let plan = try CommandRun.run(
      "describe",
      [
        "plan", "--dataset", "videos", "--endpoint", server.base, "--scorer", "builtin",
        "--frames", "2", "--segment", "2",
      ], in: bench.folder.url)
    #expect(plan.exitCode == 0, "\(plan.standardError)")
    #expect(plan.standardOutput.contains("2 videos in 4 pieces, 4 requests"))
    for wrong in [["--segment", "1"], ["--limit=-1"], ["--limit", "0"], ["--split", "half"]] {
      let run = try bench.describe(server, wrong)
      #expect(run.exitCode == 64, "\(wrong): \(run.standardError)")
    }
  }

  @Test func footageWithoutClassesIsDescribedWithCLIPWeightsToo() throws {
    let bench = try bench()
    let server = try FaultInjectingServer { .chat("The answer is \($0.index).") }
    defer { server.stop() }
    let weights = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("../EncodersTests/Golden/clip").standardizedFileURL.path
    let run = try CommandRun.run(
      "describe",
      [
        "--dataset", "videos", "--endpoint", server.base, "--frames", "2", "--no-preflight",
        "--scorer", "clip", "--clip-model", weights, "--no-cache", "--segment", "2",
      ], in: bench.folder.url)
    #expect(run.exitCode == 0, "\(run.standardError)")
    #expect(run.standardError.contains("no classes to look for"))
    let file = bench.folder.file("workspaces/videos/descriptions.jsonl")
    let lines = try String(contentsOf: file, encoding: .utf8).split(separator: "\n")
    #expect(lines.count == 4)
    // Each was compared with its own frames by the weights that are there.
    #expect(lines.allSatisfy { $0.contains("\"frameSimilarity\":") })
  }
}
