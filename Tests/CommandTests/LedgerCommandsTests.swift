import Foundation
import Synchronization
import TestSupport
import Testing

/// The subcommands of `describe` that read and join ledgers.
@Suite(.blocking) struct LedgerCommandsTests {
  private func json(_ run: CommandRun) throws -> Any {
    try JSONSerialization.jsonObject(with: Data(run.standardOutput.utf8))
  }

  @Test func whatFailedIsListedRetriedAloneAndGone() throws {
    let bench = try DescribeBench(videos: 4)
    let isHealthy = Mutex(false)
    let server = try FaultInjectingServer { request in
      isHealthy.withLock { $0 } || request.index != 1
        ? .chat("The answer is \(request.index).") : .error(400, "bad media")
    }
    defer { server.stop() }
    let first = try bench.describe(server, ["--jobs", "1"])
    #expect(first.exitCode == 2, "\(first.standardError)")
    let failed = try #require(try json(bench.command("failed", "--json")) as? [[String: Any]])
    #expect(failed.count == 1)
    #expect(failed[0]["httpStatus"] as? Int == 400 && failed[0]["tries"] as? Int == 1)
    #expect((failed[0]["error"] as? String)?.contains("bad media") == true)
    let table = try bench.command("failed")
    #expect(table.standardOutput.contains("bad media"))
    let status = try #require(try json(bench.command("status", "--json")) as? [String: Any])
    #expect(status["described"] as? Int == 3 && status["failed"] as? Int == 1)
    #expect(status["promptTokens"] as? Int == 300)
    #expect(try bench.command("status").standardOutput.contains(server.base))
    isHealthy.withLock { $0 = true }
    // A fifth video, never tried, is not retry's business.
    try SmallDataset.clip(to: bench.folder.file("videos/new.mp4"), frames: 40, phase: 50)
    let options = [
      "retry", "--dataset", "videos", "--endpoint", server.base, "--scorer", "builtin",
      "--frames", "2",
    ]
    let retried = try CommandRun.run("describe", options, in: bench.folder.url)
    #expect(retried.exitCode == 0, "\(retried.standardError)")
    #expect(retried.standardOutput.contains("1 described, 0 kept"))
    // Of all that was asked before, the one that failed was asked again.
    let bodies = server.chats.map(\.body)
    #expect(Set(bodies.dropFirst(4)).intersection(bodies.prefix(4)) == [bodies[1]])
    #expect(try bench.command("failed").standardOutput == "nothing failed\n")
    let again = try CommandRun.run("describe", options, in: bench.folder.url)
    #expect(again.exitCode == 0 && again.standardError.contains("nothing failed"))
    let summary = try json(CommandRun.run("describe", options + ["--json"], in: bench.folder.url))
    #expect((summary as? [String: Any])?["done"] as? Int == 0)
    #expect(server.chats.count == bodies.count)
  }

  @Test func whatFailsInARedoIsListedAndRetriedAndItsEarlierDescriptionStays() throws {
    let bench = try DescribeBench(videos: 2)
    let isRefusing = Mutex(false)
    let server = try FaultInjectingServer { request in
      isRefusing.withLock { $0 }
        ? .error(400, "bad media") : .chat("The answer is \(request.index).")
    }
    defer { server.stop() }
    #expect(try bench.describe(server).exitCode == 0)
    isRefusing.withLock { $0 = true }
    let otherwise = ["--temperature", "0.5"]
    #expect(try bench.describe(server, otherwise).exitCode == 2)
    let failed = try #require(try json(bench.command("failed", "--json")) as? [[String: Any]])
    #expect(failed.count == 2)
    let status = try #require(try json(bench.command("status", "--json")) as? [String: Any])
    #expect(status["described"] as? Int == 0 && status["failed"] as? Int == 2)
    #expect(status["describedEarlier"] as? Int == 2)
    #expect(try bench.exportedTexts().count == 2)
    isRefusing.withLock { $0 = false }
    let retried = try bench.describe(server, otherwise + ["--only-failed"])
    #expect(retried.standardOutput.contains("2 described, 0 kept"), "\(retried.standardError)")
    #expect(try bench.command("failed").standardOutput == "nothing failed\n")
  }

  @Test func verifyAgreesAfterARunAndFindsWhatWasChanged() throws {
    let bench = try DescribeBench(videos: 2)
    let server = try FaultInjectingServer { .chat("The answer is \($0.index).") }
    defer { server.stop() }
    #expect(try bench.command("verify").exitCode == 64)
    #expect(try bench.describe(server).exitCode == 0)
    let clean = try bench.command("verify")
    #expect(clean.exitCode == 0, "\(clean.standardOutput)")
    #expect(!clean.standardOutput.contains("findings"))
    let space = bench.folder.file("workspaces/videos")
    // The export says something that the ledger does not.
    let export = space.appendingPathComponent("descriptions.jsonl")
    let text = try String(contentsOf: export, encoding: .utf8)
    try Data(text.replacing("answer is 0", with: "answer is 7").utf8).write(to: export)
    let changed = try bench.command("verify")
    #expect(changed.exitCode == 2 && changed.standardOutput.contains("export: descriptions.jsonl:"))
    #expect(try bench.command("export").exitCode == 0)
    #expect(try bench.command("verify").exitCode == 0)
    // A selection that lost a picture, and a video that changed.
    let selections = space.appendingPathComponent("selections")
    let names = try FileManager.default.subpathsOfDirectory(atPath: selections.path)
    let picture = try #require(names.first { $0.hasSuffix("s.jpg") })
    try FileManager.default.removeItem(at: selections.appendingPathComponent(picture))
    let handle = try FileHandle(forWritingTo: bench.folder.file("videos/v000.mp4"))
    try handle.seekToEnd()
    try handle.write(contentsOf: Data([0]))
    try handle.close()
    let broken = try bench.command("verify", "--json")
    #expect(broken.exitCode == 2)
    let results = try #require(try json(broken) as? [[String: Any]])
    let findings = results.reduce(into: [:]) {
      $0[$1["name"] as? String ?? ""] = ($1["findings"] as? [Any])?.count
    }
    #expect(findings == ["ledger": 0, "videos": 1, "selections": 1, "export": 0])
    #expect(try bench.command("verify", "--skip-videos", "--json").exitCode == 2)
  }

  @Test func partsAreMergedIntoOneWorkspaceThatARunFindsDone() throws {
    let bench = try DescribeBench(videos: 5)
    let server = try FaultInjectingServer { .chat("The answer is \($0.index).") }
    defer { server.stop() }
    for part in 1...2 {
      let run = try bench.describe(server, ["--shard", "\(part)/2", "--workspace", "part\(part)"])
      #expect(run.exitCode == 0, "\(run.standardError)")
    }
    let merged = try bench.command("merge", "part1", "part2", "--workspace", "whole")
    #expect(merged.exitCode == 0, "\(merged.standardError)")
    #expect(merged.standardOutput.contains("5 videos described"))
    #expect(try bench.exportedTexts(workspace: "whole").count == 5)
    let verified = try bench.command("verify", "--workspace", "whole")
    #expect(verified.exitCode == 0, "\(verified.standardOutput)")
    #expect(server.chats.count == 5)
    let rerun = try bench.describe(server, ["--workspace", "whole"])
    #expect(rerun.standardOutput.contains("0 described, 5 kept"), "\(rerun.standardOutput)")
    #expect(server.chats.count == 5)
  }

  @Test func aPartIsExportedToItsOwnPlaceOnly() throws {
    let bench = try DescribeBench(videos: 3)
    let server = try FaultInjectingServer { .chat("The answer is \($0.index).") }
    defer { server.stop() }
    #expect(try bench.describe(server).exitCode == 0)
    #expect(try bench.command("export", "--limit", "1").exitCode == 64)
    let part = try bench.command("export", "--limit", "1", "--format", "csv", "--out", "one.csv")
    #expect(part.exitCode == 0, "\(part.standardError)")
    let rows = try String(contentsOf: bench.folder.file("one.csv"), encoding: .utf8)
    #expect(rows.split(separator: "\n").count == 2)
    #expect(try bench.exportedTexts().count == 3)
    let hub = try bench.command("export", "--format", "hf")
    #expect(hub.standardOutput.hasSuffix("workspaces/videos/descriptions.hub\n"))
  }

  /// Needs a Python that has Hugging Face's `datasets`.
  @Test(.enabled(if: ProcessInfo.processInfo.environment["KESS_TEST_DATASETS_PYTHON"] != nil))
  func theHubFolderIsReadByDatasets() throws {
    let python = try #require(ProcessInfo.processInfo.environment["KESS_TEST_DATASETS_PYTHON"])
    let bench = try DescribeBench(videos: 3)
    let server = try FaultInjectingServer { .chat("The answer is \($0.index), \"quoted\".") }
    defer { server.stop() }
    #expect(try bench.describe(server).exitCode == 0)
    #expect(try bench.command("export", "--format", "hf", "--out", "hub").exitCode == 0)
    let script = """
      import sys, json, datasets
      data = datasets.load_dataset(sys.argv[1])
      rows = [row for split in data.values() for row in split]
      print(json.dumps({row["video"]: row["text"] for row in rows}))
      assert all(isinstance(row["frameSeconds"], list) for row in rows)
      """
    let read = try CommandRun.run(
      python, ["-c", script, "hub"], in: bench.folder.url,
      environment: ["HF_HOME": bench.folder.file("hf").path])
    #expect(read.exitCode == 0, "\(read.standardError)")
    #expect(try json(read) as? [String: String] == bench.exportedTexts())
  }
}
