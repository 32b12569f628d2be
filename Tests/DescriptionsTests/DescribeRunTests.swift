import Datasets
import Descriptions
import Foundation
import Synchronization
import TestSupport
import Testing
import Workspaces

@Suite("Describe run")
struct DescribeRunTests {
  /// Answers each chat with a text that identifies the question.
  private func server(
    _ fault: @escaping @Sendable (FaultInjectingServerRequest) -> FaultInjectingServerAnswer? = {
      _ in nil
    }
  ) throws -> FaultInjectingServer {
    try FaultInjectingServer {
      fault($0) ?? .chat("the answer is \($0.body.count) \($0.body.hashValue)")
    }
  }

  @Test("each video gets one description with its attempt; a second run asks nothing")
  func noRepetition() async throws {
    let server = try server()
    defer { server.stop() }
    let videos = try FakeVideos(7)
    let (run, ledger) = try videos.run(try await DescribingFixture.connect(server))
    let progress = WaitLog()
    let first = try await run.run(videos.videos) { progress.note(Double($0.finished)) }
    #expect((first.done, first.skipped, first.failed, first.pending) == (7, 0, 0, 0))
    #expect(progress.seconds == [1, 2, 3, 4, 5, 6, 7])
    #expect(server.chats.count == 7)
    let counts = try ledger.counts()
    #expect((counts.descriptions, counts.requests, counts.attempts) == (7, 7, 7))
    let before = try ledger.descriptions()
    let second = try await run.run(videos.videos)
    #expect((second.done, second.skipped, second.failed) == (0, 7, 0))
    #expect(server.chats.count == 7)
    #expect(try ledger.descriptions() == before)
    let attempt = try #require(try ledger.attempts(videoID: videos.videos[0].id).first)
    #expect(attempt.status == .succeeded && attempt.httpStatus == 200)
    #expect((attempt.promptTokens, attempt.endpoint) == (100, server.base))
    // 64x48 is resized to 56x56: 4 tokens and 2 markers each.
    let key = try #require(attempt.requestKey)
    let request = try #require(try ledger.request(key))
    #expect(request.predictedImageTokens == 3 * 6)
    let exported = try String(contentsOf: run.workspace.descriptionsFile, encoding: .utf8)
    #expect(exported.split(separator: "\n").count == 7)
  }

  @Test("a changed prompt, selection or sampling asks again; going back asks nothing")
  func keys() async throws {
    let server = try server()
    defer { server.stop() }
    var videos = try FakeVideos(2)
    let describer = try await DescribingFixture.connect(server)
    _ = try await videos.run(describer).run.run(videos.videos)
    let other = try DescribingFixture.prompt(DescribingFixture.promptSource + "Why?")
    _ = try await videos.run(describer, prompt: other).run.run(videos.videos)
    #expect(server.chats.count == 4)
    let warm = try await DescribingFixture.connect(
      server, sampling: SamplingParameters(temperature: 1))
    _ = try await videos.run(warm).run.run(videos.videos)
    #expect(server.chats.count == 6)
    let (run, ledger) = try videos.run(describer)
    let back = try await run.run(videos.videos)
    #expect(back.skipped == 2 && server.chats.count == 6)
    let requests = try ledger.descriptions().map { try #require(try ledger.request($0.requestKey)) }
    #expect(Set(requests.map(\.promptHash)) == [try DescribingFixture.prompt().hash])
    // Another selection of the very same frames is the same question.
    videos.parameters = "p2"
    let same = try await videos.run(describer).run.run(videos.videos)
    #expect((same.done, same.skipped) == (0, 2))
    #expect(server.chats.count == 6)
  }

  @Test("two videos with the same content share one question, also at the same time")
  func duplicates() async throws {
    let server = try server()
    defer { server.stop() }
    let videos = try FakeVideos(1)
    var copy = videos.videos[0]
    copy.id = "Fighting100_copy"
    let (run, ledger) = try videos.run(try await DescribingFixture.connect(server))
    let summary = try await run.run([videos.videos[0], copy])
    #expect((summary.done, summary.skipped) == (1, 1))
    #expect(server.chats.count == 1)
    #expect(Set(try ledger.descriptions().map(\.text)).count == 1)
    #expect(try ledger.descriptions().count == 2)
  }

  @Test(
    "a failed video is recorded with its cause, the others go on, and the next run asks it again")
  func failures() async throws {
    let healthy = Mutex(false)
    let server = try server { request in
      healthy.withLock { $0 } || request.index % 4 != 1 ? nil : .error(400, "bad media")
    }
    defer { server.stop() }
    var videos = try FakeVideos(8)
    let describer = try await DescribingFixture.connect(server)
    videos.broken = [videos.videos[3].id]
    let missing = DatasetVideo(
      id: "gone", path: videos.folder.appendingPathComponent("gone.mp4").path, split: "train")
    let (run, ledger) = try videos.run(describer, jobs: 1)
    let told = Mutex<[String]>([])
    let first = try await run.run(videos.videos + [missing]) { event in
      if case .failed = event.outcome { told.withLock { $0.append(event.videoID) } }
      #expect(event.finished <= event.total && event.total == 9)
    }
    #expect((first.done, first.failed) == (5, 4))
    // An unreadable file is reported like every other failure, and first.
    #expect(told.withLock { $0 }.count == 4 && told.withLock { $0 }.first == "gone")
    #expect(first.failures.contains { $0.contains("bad media") })
    let failed = try ledger.failures()
    #expect(failed.count == 4 && failed.allSatisfy { !$0.error.isEmpty })
    #expect(failed.filter { $0.stage == .select }.count == 2)
    #expect(try ledger.descriptions().count == 5)
    healthy.withLock { $0 = true }
    videos.broken = []
    let second = try await videos.run(describer).run.run(videos.videos)
    #expect((second.done, second.skipped, second.failed) == (3, 5, 0))
  }

  @Test("a file that is missing for now keeps its description")
  func fileAway() async throws {
    let server = try server()
    defer { server.stop() }
    let videos = try FakeVideos(2)
    let (run, ledger) = try videos.run(try await DescribingFixture.connect(server))
    _ = try await run.run(videos.videos)
    try FileManager.default.removeItem(atPath: videos.videos[0].path)
    let summary = try await run.run(videos.videos)
    #expect((summary.skipped, summary.failed) == (1, 1))
    #expect(try ledger.descriptions().count == 2)
  }

  @Test("when the server goes away the run ends, and the other videos are pending, not failed")
  func serverLost() async throws {
    let holder = Mutex<FaultInjectingServer?>(nil)
    let server = try server { request in
      guard request.index >= 2 else { return nil }
      holder.withLock { $0 }?.stop()
      return .hangUp
    }
    holder.withLock { $0 = server }
    let videos = try FakeVideos(6)
    let (run, ledger) = try videos.run(try await DescribingFixture.connect(server), jobs: 1)
    let summary = try await run.run(videos.videos)
    #expect((summary.done, summary.failed, summary.pending) == (2, 0, 4))
    #expect(summary.serverLost != nil)
    #expect(try ledger.descriptions().count == 2)
    // The one in flight is pending like the others.
    #expect(try ledger.failures().isEmpty)
    let status = try ledger.status()
    #expect((status.failed, status.waiting) == (0, 4))
  }

  @Test("the first interruption lets requests in flight end and starts nothing new")
  func drain() async throws {
    let control = StopControl()
    let server = try server { request in
      if request.index == 1 { control.interrupt() }
      return nil
    }
    defer { server.stop() }
    let videos = try FakeVideos(20)
    let describer = try await DescribingFixture.connect(server)
    let (run, ledger) = try videos.run(describer, jobs: 2)
    let summary = try await run.run(videos.videos, control: control)
    #expect(summary.wasInterrupted && summary.failed == 0)
    #expect(summary.done + summary.pending == 20)
    #expect((2...4).contains(summary.done))
    let lines = try String(contentsOf: run.workspace.descriptionsFile, encoding: .utf8)
    #expect(lines.split(separator: "\n").count == summary.done)
    let rest = try await videos.run(describer).run.run(videos.videos)
    #expect(rest.skipped == summary.done && rest.done == 20 - summary.done)
    #expect(server.chats.count == 20)
    #expect(try ledger.counts().attempts == 20)
  }

  @Test("the second interruption closes connections at once and leaves a valid ledger")
  func abort() async throws {
    let control = StopControl()
    let server = try server { $0.index < 2 ? nil : .stall }
    defer { server.stop() }
    let videos = try FakeVideos(5)
    let (run, ledger) = try videos.run(try await DescribingFixture.connect(server), jobs: 2)
    let task = Task { try await run.run(videos.videos, control: control) }
    while server.chats.count < 4 { try await Task.sleep(for: .milliseconds(5)) }
    control.interrupt()
    control.interrupt()
    let summary = try await task.value
    #expect((summary.done, summary.failed, summary.pending) == (2, 0, 3))
    #expect(summary.wasInterrupted)
    let attempts = try videos.videos.flatMap { try ledger.attempts(videoID: $0.id) }
    #expect(attempts.filter { $0.status == .cancelled }.count == 2)
    #expect(try ledger.descriptions().count == 2)
    while server.abandonedCount < 2 { try await Task.sleep(for: .milliseconds(5)) }
  }

  @Test("a describer without a server is run the same way, and asked again only for another file")
  func builtInKind() async throws {
    struct Measured: Describer {
      let identity = DescriberIdentity(kind: .builtin, model: "measured-1")
      func describe(_ request: DescriptionRequest) async throws -> Description {
        Description(text: "Lasts \(request.durationSeconds) s.", describer: identity)
      }
    }
    let videos = try FakeVideos(2)
    let (run, ledger) = try videos.run(Measured())
    #expect(try await run.run(videos.videos).done == 2)
    #expect(try await run.run(videos.videos).skipped == 2)
    let description = try #require(try ledger.description(videoID: videos.videos[0].id))
    #expect(description.text == "Lasts 100.0 s.")
    #expect(try ledger.request(description.requestKey)?.promptName == "none")
    #expect(try ledger.attempts(videoID: videos.videos[0].id).map(\.status) == [.succeeded])
    let other = try videos.run(
      Measured(), prompt: try DescribingFixture.prompt(DescribingFixture.promptSource + "Why?"))
    #expect(try await other.run.run(videos.videos).skipped == 2)
    try Data("new content".utf8).write(to: URL(fileURLWithPath: videos.videos[0].path))
    let again = try await run.run(videos.videos)
    #expect((again.done, again.skipped) == (1, 1))
  }
}
