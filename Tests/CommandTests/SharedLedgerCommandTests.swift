import Foundation
import Synchronization
import TestSupport
import Testing

/// Several `describe` processes at one ledger.
@Suite(.blocking) struct SharedLedgerCommandTests {
  private struct Summary: Decodable {
    var done: Int
    var skipped: Int
    var failed: Int
    var elsewhere: Int
  }

  @Test(arguments: [2, 4]) func severalProcessesDescribeNoVideoTwice(count: Int) throws {
    let bench = try DescribeBench(videos: 16)
    // Each process has a server, whose answers wait until all processes have asked: all
    // are at work at once.
    let asking = Mutex<Set<Int>>([])
    let servers = try (0..<count).map { number in
      try FaultInjectingServer { request in
        var looks = 0
        asking.withLock { _ = $0.insert(number) }
        while asking.withLock(\.count) < count, looks < 6_000 {
          looks += 1
          usleep(10_000)
        }
        return .chat("The answer is \(request.index) of \(number).")
      }
    }
    defer { for server in servers { server.stop() } }
    let runs = Mutex<[CommandRun]>([])
    let ended = DispatchSemaphore(value: 0)
    for number in 0..<count {
      // Not `concurrentPerform`, which does no more at once than there are cores.
      Thread {
        defer { ended.signal() }
        do {
          let run = try bench.describe(servers[number], ["--jobs", "2", "--json"])
          runs.withLock { $0.append(run) }
        } catch {
          Issue.record("\(error)")
        }
      }.start()
    }
    for _ in 0..<count { ended.wait() }
    let summaries = try runs.withLock { $0 }.map { run in
      #expect(run.exitCode == 0, "\(run.standardError)")
      return try JSONDecoder().decode(Summary.self, from: Data(run.standardOutput.utf8))
    }
    let chats = servers.flatMap(\.chats)
    #expect(chats.count == 16)
    #expect(Set(chats.map(\.body)).count == 16)
    #expect(summaries.map(\.done).reduce(0, +) == 16)
    #expect(summaries.count == count && summaries.allSatisfy { $0.done > 0 })
    for summary in summaries {
      #expect(summary.done + summary.skipped + summary.elsewhere == 16 && summary.failed == 0)
    }
    #expect(Set(try bench.exportedTexts().keys).count == 16)
  }

  @Test func whatAKilledProcessHeldIsTakenUpByTheOther() throws {
    let bench = try DescribeBench(videos: 8)
    let first = Mutex<Process?>(nil)
    let server = try FaultInjectingServer { request in
      // The first process gets no answer; it is killed when the rest is done.
      if request.index < 2 { return .stall }
      if request.index == 7 {
        first.withLock { if let process = $0 { kill(process.processIdentifier, SIGKILL) } }
      }
      return .chat("The answer is \(request.index).")
    }
    defer { server.stop() }
    let ended = DispatchSemaphore(value: 0)
    let hasEnded = Mutex(false)
    Thread {
      defer {
        hasEnded.withLock { $0 = true }
        ended.signal()
      }
      do {
        _ = try bench.describe(server, ["--jobs", "2"]) { process in
          first.withLock { $0 = process }
        }
      } catch {
        Issue.record("\(error)")
      }
    }.start()
    while server.chats.count < 2, !hasEnded.withLock({ $0 }) { usleep(5_000) }
    try #require(!hasEnded.withLock { $0 }, "the first process ended before it was killed")
    let second = try bench.describe(server, ["--jobs", "2"])
    ended.wait()
    #expect(second.exitCode == 0, "\(second.standardError)")
    #expect(second.standardOutput.contains("8 described, 0 kept"))
    #expect(Set(try bench.exportedTexts().keys).count == 8)
    // The two without an answer were asked twice, the others once.
    #expect(server.chats.count == 10)
    #expect(Set(server.chats.map(\.body)).count == 8)
  }

  @Test func partsOfADataSetHaveNoVideoInCommonAndLackNone() throws {
    let bench = try DescribeBench(videos: 6)
    let server = try FaultInjectingServer { .chat("The answer is \($0.index).") }
    defer { server.stop() }
    var seen: [String] = []
    for part in 1...2 {
      let space = "part\(part)"
      let run = try bench.describe(server, ["--shard", "\(part)/2", "--workspace", space])
      // A part may be empty; these six are not split 6 to 0.
      #expect(run.exitCode == 0, "\(run.standardError)")
      seen += try bench.exportedTexts(workspace: space).keys
    }
    #expect(seen.count == 6 && Set(seen).count == 6)
    let refused = try bench.describe(server, ["--shard", "3/2"])
    #expect(refused.exitCode == 64)
  }
}
