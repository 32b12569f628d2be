import Datasets
import Descriptions
import Foundation
import TestSupport
import Testing
import Workspaces

@Suite("Killed run")
struct KilledRunTests {
  @Test("kill -9 in the middle loses nothing that was stored, and nothing stored is asked again")
  func resumeAfterKill() async throws {
    let server = try FaultInjectingServer { request in
      // Never ends for the sixth question of the process that will be killed.
      request.index == 5 ? .stall : .chat("the answer is \(request.index)")
    }
    defer { server.stop() }
    let videos = try FakeVideos(10)
    // The child process finds the parent's server and files through these.
    setenv("KESS_TEST_ENDPOINT", server.base, 1)
    setenv("KESS_TEST_FOLDER", videos.folder.path, 1)
    await #expect(processExitsWith: .signal(SIGKILL)) {
      let environment = ProcessInfo.processInfo.environment
      let videos = FakeVideos(in: environment["KESS_TEST_FOLDER"] ?? "")
      let describer = try await OpenAIDescriber.connect(
        endpoint: environment["KESS_TEST_ENDPOINT"] ?? "")
      let (run, ledger) = try videos.run(describer, jobs: 2)
      Task.detached {
        while try ledger.counts().descriptions < 8 { try await Task.sleep(for: .milliseconds(5)) }
        kill(getpid(), SIGKILL)
      }
      _ = try await run.run(videos.videos)
    }
    let ledger = try Ledger(at: videos.folder.appendingPathComponent("workspace/ledger.sqlite"))
    let stored = try ledger.descriptions()
    #expect(stored.count >= 8 && stored.count <= 9)
    // The attempt in flight is recorded as started.
    let attempts = try videos.videos.flatMap { try ledger.attempts(videoID: $0.id) }
    #expect(attempts.filter { $0.status == .started }.count >= 1)
    let asked = server.chats.count
    let (run, _) = try videos.run(try await DescribingFixture.connect(server))
    let summary = try await run.run(videos.videos)
    #expect((summary.done, summary.skipped) == (10 - stored.count, stored.count))
    #expect(server.chats.count == asked + 10 - stored.count)
    let after = try ledger.descriptions()
    #expect(after.count == 10 && stored.allSatisfy(after.contains))
  }
}
