import Datasets
import Descriptions
import Foundation
import Records
import Synchronization
import TestSupport
import Testing
import Workspaces

/// What a stop leaves, and what a new run begins with.
@Suite("Stopped run")
struct StoppedRunTests {
  /// Counts the choices of frames; the first one asks for the stop.
  private struct StoppingSource: FrameSource {
    let videos: FakeVideos
    let control: DescribeRunControl
    let choices: WaitLog

    func selectionKey(for video: DatasetVideo, fingerprint: VideoFingerprint) throws -> String {
      try videos.selectionKey(for: video, fingerprint: fingerprint)
    }

    func choice(for video: DatasetVideo, fingerprint: VideoFingerprint) throws -> FrameChoice {
      control.request(.drain)
      choices.note(1)
      return try videos.choice(for: video, fingerprint: fingerprint)
    }
  }

  @Test("a drain begins no choice of frames for what was taken up and waits for a core")
  func noNewSelections() async throws {
    let server = try FaultInjectingServer { .chat("Answer \($0.index).") }
    defer { server.stop() }
    let videos = try FakeVideos(30)
    let (run, ledger) = try videos.run(try await DescribingFixture.connect(server))
    let source = StoppingSource(
      videos: videos, control: DescribeRunControl(), choices: WaitLog())
    let wide = DescribeRun(
      workspace: run.workspace, ledger: ledger, describer: run.describer, source: source,
      prompt: run.prompt, jobs: 30)
    let summary = try await wide.run(videos.videos, control: source.control)
    #expect(summary.wasInterrupted && summary.failed == 0)
    #expect(source.choices.seconds.count <= Parallel.cores)
    #expect(summary.done + summary.pending == 30)
    #expect(try ledger.failures().isEmpty && ledger.status().waiting == summary.pending)
  }

  @Test("what waited for another try when the run was stopped has not failed")
  func drainedBackoff() async throws {
    let control = DescribeRunControl()
    let server = try FaultInjectingServer { _ in
      control.request(.drain)
      return .error(500, "later")
    }
    defer { server.stop() }
    let videos = try FakeVideos(3)
    // So many tries that the stop comes between two of them.
    let describer = try await DescribingFixture.connect(
      server, retry: DescribingFixture.quickRetry(attempts: 10_000))
    let (run, ledger) = try videos.run(describer, jobs: 1)
    let summary = try await run.run(videos.videos, control: control)
    #expect((summary.done, summary.failed, summary.pending) == (0, 0, 3))
    let attempts = try ledger.attempts(videoID: videos.videos[0].id)
    #expect(!attempts.isEmpty && attempts.allSatisfy { $0.status == .failed })
    #expect(try ledger.failures().isEmpty && ledger.status().waiting == 3)
  }

  /// Tells what is asked of it, in order.
  private struct LoggingDescriber: Describer {
    let identity = DescriberIdentity(kind: .builtin, model: "logging-1")
    let log: CallLog

    func describe(_ request: DescriptionRequest) async throws -> Description {
      log.append("describe")
      return Description(text: "Lasts \(request.durationSeconds) s.", describer: identity)
    }

    func drain(_ isDraining: Bool) async {
      // Work that does not wait for this is seen within the time.
      for _ in 0..<100 where !isDraining && log.calls.isEmpty {
        try? await Task.sleep(for: .milliseconds(10))
      }
      log.append(isDraining ? "drain" : "ready")
    }
  }

  @Test("work begins when the describer is ready for it again, not before")
  func readyFirst() async throws {
    let log = CallLog()
    let videos = try FakeVideos(2)
    let run = try videos.run(LoggingDescriber(log: log)).run
    #expect(try await run.run(videos.videos).done == 2)
    #expect(log.calls == ["ready", "describe", "describe"])
  }
}

/// What was called, in order.
private final class CallLog: Sendable {
  private let log = Mutex<[String]>([])
  var calls: [String] { log.withLock { $0 } }
  func append(_ call: String) { log.withLock { $0.append(call) } }
}
