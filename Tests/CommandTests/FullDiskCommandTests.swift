import Foundation
import TestSupport
import Testing

/// A disk that is full at some write: the run says so, the ledger stays valid, and the
/// next run goes on when there is room.
@Suite(.blocking) struct FullDiskCommandTests {
  private static let isSoak = ProcessInfo.processInfo.environment["KESS_SOAK"] == "1"

  private func check(
    full: CommandRun, again: CommandRun, verified: CommandRun, limit: String,
    server: FaultInjectingServer, bench: DescribeBench, workspace: String
  ) throws {
    #expect(full.exitCode == 1, "\(limit): \(full.standardError)")
    let words = [
      "disk is full", "No space left", "enough space", "too large", "limit on file sizes",
    ]
    #expect(
      words.contains { full.lastError.contains($0) }, "\(limit): \(full.lastError)")
    #expect(verified.exitCode == 0, "\(limit): \(verified.standardOutput)\(verified.standardError)")
    #expect(again.exitCode == 0, "\(limit): \(again.standardError)")
    #expect(try bench.exportedTexts(workspace: workspace).count == 12)
    // Asked twice only where the answer could not be stored: one for each job.
    let bodies = server.chats.map(\.body)
    #expect(bodies.count - Set(bodies).count <= 2, "\(limit)")
  }

  @Test(.enabled(if: SmallDisk.canMount, "mounting is not allowed here"))
  func aSmallFileSystem() throws {
    // Full in the first tables, in the selections, in the answers, in the export.
    for size in Self.isSoak ? Array(stride(from: 24, to: 640, by: 16)) : [40, 160, 320] {
      let bench = try DescribeBench(videos: 12)
      let disk = try #require(try SmallDisk(in: bench.folder, kibibytes: size))
      defer { disk.remove() }
      let server = try FaultInjectingServer { .chat("A person walks past sign \($0.index).") }
      defer { server.stop() }
      let space = "disk-\(size)/space"
      let options = ["--workspace", space, "--jobs", "2"]
      let full = try bench.describe(server, options)
      // In the soak the last sizes hold everything.
      if full.exitCode == 0 && Self.isSoak { continue }
      #expect(try disk.grow(toKibibytes: 64_000))
      let verified = try bench.command("verify", "--workspace", space)
      let hasLedger = ![64, 65].contains(verified.exitCode)
      let again = try bench.describe(server, options)
      try check(
        full: full, again: again,
        verified: hasLedger ? verified : try bench.command("verify", "--workspace", space),
        limit: "\(size) KiB", server: server, bench: bench, workspace: space)
    }
  }

  @Test func aLimitOnFileSizes() throws {
    for size in Self.isSoak ? Array(stride(from: 8, to: 400, by: 8)) : [48, 160] {
      let bench = try DescribeBench(videos: 12)
      let server = try FaultInjectingServer { .chat("A person walks past sign \($0.index).") }
      defer { server.stop() }
      let arguments =
        "--dataset videos --endpoint \(server.base) --scorer builtin --frames 2 --jobs 2"
      // In units of 1,024 bytes, for each file that the process writes.
      let full = try CommandRun.run(
        "/bin/bash",
        [
          "-c",
          "ulimit -f \(size); exec '\(CommandRun.binaries.path)/describe' \(arguments)",
        ], in: bench.folder.url)
      if full.exitCode == 0 && Self.isSoak { continue }
      let verified = try bench.command("verify")
      let hasLedger = ![64, 65].contains(verified.exitCode)
      let again = try bench.describe(server, ["--jobs", "2"])
      try check(
        full: full, again: again, verified: hasLedger ? verified : try bench.command("verify"),
        limit: "\(size) KiB a file", server: server, bench: bench,
        workspace: "workspaces/videos")
    }
  }
}
