import Datasets
import Descriptions
import Foundation
import Records
import Synchronization
import TestSupport
import Testing
import Video
import Workspaces

/// The state after a stop, and the start of a new run.
@Suite("Stopped run")
struct StoppedRunTests {
  /// Counts the choices of frames; the first one asks for the stop.
  private struct StoppingSource: KeyFrameSource {
    let videos: FakeVideos
    let control: StopControl
    let choices: WaitLog

    func selectionKey(for video: DatasetVideo, fingerprint: VideoFingerprint) throws -> String {
      try videos.selectionKey(for: video, fingerprint: fingerprint)
    }

    func chosenFrames(of video: DatasetVideo, fingerprint: VideoFingerprint) throws
      -> ChosenFrames
    {
      control.request(.drain)
      choices.note(1)
      return try videos.chosenFrames(of: video, fingerprint: fingerprint)
    }

    func decode(
      _ chosen: ChosenFrames, of video: DatasetVideo, fingerprint: VideoFingerprint
    ) throws -> [VideoFrame] {
      try videos.decode(chosen, of: video, fingerprint: fingerprint)
    }
  }

  @Test("after a drain, items that wait for a core do not start to choose frames")
  func noNewSelections() async throws {
    let server = try FaultInjectingServer { .chat("The answer is \($0.index).") }
    defer { server.stop() }
    let videos = try FakeVideos(30)
    let (run, ledger) = try videos.run(try await DescribingFixture.connect(server))
    let source = StoppingSource(
      videos: videos, control: StopControl(), choices: WaitLog())
    let wide = DescribeRun(
      workspace: run.workspace, ledger: ledger, describer: run.describer, source: source,
      prompt: run.prompt, jobs: 30)
    let summary = try await wide.run(videos.videos, control: source.control)
    #expect(summary.wasInterrupted && summary.failed == 0)
    #expect(source.choices.seconds.count <= Parallel.cores)
    #expect(summary.done + summary.pending == 30)
    #expect(try ledger.failures().isEmpty && ledger.status().waiting == summary.pending)
  }

  @Test("an item that waited for a retry when the run was stopped has not failed")
  func drainedBackoff() async throws {
    let control = StopControl()
    let server = try FaultInjectingServer { _ in
      control.request(.drain)
      return .error(500, "later")
    }
    defer { server.stop() }
    let videos = try FakeVideos(3)
    // Enough attempts that the stop comes between two of them.
    let describer = try await DescribingFixture.connect(
      server, retry: DescribingFixture.quickRetry(attempts: 10_000))
    let (run, ledger) = try videos.run(describer, jobs: 1)
    let summary = try await run.run(videos.videos, control: control)
    #expect((summary.done, summary.failed, summary.pending) == (0, 0, 3))
    let attempts = try ledger.attempts(videoID: videos.videos[0].id)
    #expect(!attempts.isEmpty && attempts.allSatisfy { $0.status == .failed })
    #expect(try ledger.failures().isEmpty && ledger.status().waiting == 3)
  }

  /// Logs its calls in order.
  private struct LoggingDescriber: Describer {
    let identity = DescriberIdentity(kind: .builtin, model: "logging-1")
    let log: CallLog

    func describe(_ request: DescriptionRequest) async throws -> Description {
      log.append("describe")
      return Description(text: "Lasts \(request.durationSeconds) s.", describer: identity)
    }

    func drain(_ isDraining: Bool) async {
      // Work that does not wait for this becomes visible in this time.
      for _ in 0..<100 where !isDraining && log.calls.isEmpty {
        try? await Task.sleep(for: .milliseconds(10))
      }
      log.append(isDraining ? "drain" : "ready")
    }
  }

  @Test("work starts only when the describer is ready again")
  func readyFirst() async throws {
    let log = CallLog()
    let videos = try FakeVideos(2)
    let run = try videos.run(LoggingDescriber(log: log)).run
    #expect(try await run.run(videos.videos).done == 2)
    #expect(log.calls == ["ready", "describe", "describe"])
  }
}

/// The calls in order.
private final class CallLog: Sendable {
  private let log = Mutex<[String]>([])
  var calls: [String] { log.withLock { $0 } }
  func append(_ call: String) { log.withLock { $0.append(call) } }
}
