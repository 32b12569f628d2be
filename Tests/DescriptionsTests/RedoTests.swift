import Datasets
import Descriptions
import Foundation
import Synchronization
import TestSupport
import Testing
import Workspaces

/// Videos that have a description and are asked about again with other settings.
@Suite("Redo")
struct RedoTests {
  private let isRefusing = RefusalSwitch()

  /// Whether the server refuses, for its threads.
  private final class RefusalSwitch: Sendable {
    private let state = Mutex(false)
    var isOn: Bool {
      get { state.withLock { $0 } }
      set { state.withLock { $0 = newValue } }
    }
  }

  /// Answers each video with a text of its own, whatever the question.
  private func server() throws -> FaultInjectingServer {
    try FaultInjectingServer { [isRefusing] request in
      if isRefusing.isOn { return .error(400, "no such field") }
      let words = CountingServer.content(of: request).text.split(separator: " ")
      let number = words.dropFirst(3).first.flatMap { Double($0) }.map { Int($0) } ?? 0
      return .chat(
        "Person \(number) meets \(number * 3) others near gate \(number * 7), then "
          + "\(number * 11) leave by car \(number * 13) for town \(number * 17).")
    }
  }

  private func connect(_ server: FaultInjectingServer, temperature: Double) async throws
    -> OpenAIDescriber
  {
    try await DescribingFixture.connect(
      server, sampling: SamplingParameters(temperature: temperature))
  }

  @Test("a video that fails in a second run counts as failed, though its earlier description stays")
  func failures() async throws {
    let server = try server()
    defer { server.stop() }
    let videos = try FakeVideos(5)
    let cold = try await connect(server, temperature: 0)
    let warm = try await connect(server, temperature: 1)
    #expect(try await videos.run(cold).run.run(videos.videos).done == 5)
    isRefusing.isOn = true
    let (redo, ledger) = try videos.run(warm)
    #expect(try await redo.run(videos.videos).failed == 5)
    #expect(try ledger.failures().map(\.videoID) == videos.videos.map(\.id))
    #expect(try ledger.failures().allSatisfy { $0.tries == 1 && $0.httpStatus == 400 })
    var status = try ledger.status()
    #expect((status.videos, status.described, status.failed, status.waiting) == (5, 0, 5, 0))
    #expect(try ledger.descriptions().count == 5)
    // A retry asks about them, and then they no longer count as failed.
    isRefusing.isOn = false
    let retry = try videos.run(warm, onlyFailed: true).run
    #expect(try await retry.run(videos.videos).done == 5)
    status = try ledger.status()
    #expect((status.described, status.failed) == (5, 0))
    #expect(try ledger.failures().isEmpty)
    // The first question is answered as before.
    #expect(try await videos.run(cold).run.run(videos.videos).skipped == 5)
    #expect(try ledger.failures().isEmpty && ledger.status().described == 5)
  }

  @Test("a retry with other settings asks about failed videos only")
  func retryOtherwise() async throws {
    let server = try server()
    defer { server.stop() }
    let videos = try FakeVideos(4)
    let cold = try await connect(server, temperature: 0)
    let (run, ledger) = try videos.run(cold)
    #expect(try await run.run(Array(videos.videos.prefix(3))).done == 3)
    isRefusing.isOn = true
    #expect(try await run.run(videos.videos).failed == 1)
    isRefusing.isOn = false
    let retry = try videos.run(
      try await connect(server, temperature: 1), onlyFailed: true
    ).run
    let summary = try await retry.run(videos.videos)
    #expect((summary.done, summary.failed) == (1, 0))
    let status = try ledger.status()
    #expect((status.described, status.failed, status.waiting) == (4, 0, 0))
  }

  @Test("a video's own earlier description is not a near-duplicate of its new one")
  func ownEarlierDescription() async throws {
    let server = try server()
    defer { server.stop() }
    let videos = try FakeVideos(5)
    let first = try await connect(server, temperature: 0)
    #expect(try await videos.run(first).run.run(videos.videos).findings.isEmpty)
    let redo = try videos.run(try await connect(server, temperature: 1)).run
    let warnings = WaitLog()
    let summary = try await redo.run(videos.videos, warn: { _ in warnings.note(1) })
    #expect(summary.done == 5 && summary.findings.isEmpty && warnings.seconds.isEmpty)
    #expect(summary.nearDuplicates == 0)
  }

  @Test("an answer that several videos share counts once in a group of near-duplicates")
  func sharedAnswers() async throws {
    let server = try FaultInjectingServer { _ in .chat("A grey wall in a quiet street at night.") }
    defer { server.stop() }
    let videos = try FakeVideos(2)
    let copies = (1...3).map { number in
      var copy = videos.videos[0]
      copy.id += "_copy\(number)"
      return copy
    }
    let (run, ledger) = try videos.run(try await DescribingFixture.connect(server))
    #expect(try await run.run([videos.videos[0]] + copies).done == 1)
    // If the four videos of one answer counted separately, this would be the fifth.
    let warnings = WaitLog()
    let summary = try await run.run(
      [videos.videos[1]], warn: { _ in warnings.note(1) })
    #expect(summary.findings == ["nearDuplicate": 1] && warnings.seconds.isEmpty)
    #expect(try ledger.descriptions().allSatisfy { $0.findings == [.nearDuplicate] })
    // When one of a group gets another description, the others lose the finding.
    let other = try FaultInjectingServer { _ in .chat("A cat sleeps on a warm stone all day.") }
    defer { other.stop() }
    let redo = try videos.run(try await connect(other, temperature: 1)).run
    #expect(try await redo.run([videos.videos[1]]).findings.isEmpty)
    #expect(try ledger.descriptions().allSatisfy { $0.findings == nil })
  }
}
