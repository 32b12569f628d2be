import Descriptions
import Foundation
import HTTP
import Synchronization
import TestSupport
import Testing
import Workspaces

/// Servers that are absent at the start or get lost in mid-run; videos are not at fault.
@Suite("Server loss")
struct ServerLossTests {
  /// A server that crashes on request, and then does not answer a number of probes.
  private final class CrashingServer: Sendable {
    private struct State {
      var looksLeft = 0
      var crashes = 0
      var poison: Data?
    }
    private let state = Mutex(State())

    var crashes: Int { state.withLock(\.crashes) }

    /// - Parameter crashesAt: whether it crashes under a chat, by the chat's number;
    ///   the body is remembered, and crashes it each time where `isPoison`.
    func answer(
      _ request: FaultInjectingServerRequest, crashesAt: (Int) -> Bool, isPoison: Bool
    ) -> FaultInjectingServerAnswer {
      state.withLock { state in
        if request.path == "/v1/models" {
          if state.looksLeft > 0 {
            state.looksLeft -= 1
            return .hangUp
          }
          return .models(["fake"])
        }
        if state.looksLeft > 0 { return .hangUp }
        if crashesAt(request.index) || (isPoison && state.poison == request.body) {
          state.crashes += 1
          state.looksLeft = 3
          if isPoison { state.poison = request.body }
          return .hangUp
        }
        return .chat("the answer is \(request.body.hashValue)")
      }
    }
  }

  @Test("requests in flight when a server was lost are sent again and not charged")
  func requeued() async throws {
    let crashing = CrashingServer()
    let server = try FaultInjectingServer(models: []) {
      crashing.answer($0, crashesAt: { [2, 7].contains($0) }, isPoison: false)
    }
    defer { server.stop() }
    let videos = try FakeVideos(12)
    // With a single attempt per video, a charge would be a failure.
    let describer = try await DescribingFixture.connect(
      server, retry: DescribingFixture.quickRetry(attempts: 1))
    let (run, ledger) = try videos.run(describer, jobs: 3)
    let summary = try await run.run(videos.videos)
    #expect((summary.done, summary.failed, summary.pending) == (12, 0, 0))
    #expect(crashing.crashes == 2)
    let attempts = try videos.videos.flatMap { try ledger.attempts(videoID: $0.id) }
    #expect(attempts.count { $0.cause == .serverLost } >= 2)
    #expect(attempts.count { $0.status == .succeeded } == 12)
  }

  @Test("a video that ends two servers is quarantined, and the others are described")
  func quarantine() async throws {
    let crashing = CrashingServer()
    let server = try FaultInjectingServer(models: []) {
      crashing.answer($0, crashesAt: { $0 == 4 }, isPoison: true)
    }
    defer { server.stop() }
    let videos = try FakeVideos(10)
    let describer = try await DescribingFixture.connect(server)
    let (run, ledger) = try videos.run(describer, jobs: 4)
    let summary = try await run.run(videos.videos)
    #expect((summary.done, summary.failed) == (9, 1))
    #expect(crashing.crashes == 2)
    let failed = try #require(try ledger.failures().first)
    #expect(summary.failures[0].contains("2 servers were lost"))
    #expect(try ledger.attempts(videoID: failed.videoID).count { $0.cause == .serverLost } == 2)
    #expect(try ledger.failureCauses() == [.quarantined])
    // The next run does not send it a third time, unless asked to.
    let asked = server.chats.count
    let again = try await run.run(videos.videos)
    #expect((again.skipped, again.failed) == (9, 1))
    #expect(server.chats.count == asked && crashing.crashes == 2)
    #expect(try ledger.failures().map(\.videoID) == [failed.videoID])
  }

  @Test("the error for a server that asks for too long a pause says so")
  func askedToWait() async throws {
    let server = try FaultInjectingServer { _ in
      .error(429, "later", headers: ["Retry-After": "7200"])
    }
    defer { server.stop() }
    let videos = try FakeVideos(1)
    let (run, ledger) = try videos.run(try await DescribingFixture.connect(server))
    #expect(try await run.run(videos.videos).failed == 1)
    let failure = try #require(try ledger.failures().first)
    #expect(failure.error.contains("asks to wait 7200 s") && failure.cause == .busy)
  }

  @Test("a run with several endpoints goes on with the remaining ones")
  func oneOfTwo() async throws {
    let holder = Mutex<FaultInjectingServer?>(nil)
    let first = try FaultInjectingServer { request in
      guard request.index < 2 else {
        holder.withLock { $0 }?.stop()
        return .hangUp
      }
      return .chat("from the first \(request.body.hashValue)")
    }
    holder.withLock { $0 = first }
    let second = try FaultInjectingServer { .chat("from the second \($0.body.hashValue)") }
    defer { second.stop() }
    let videos = try FakeVideos(12)
    let describer = try await DescribingFixture.connect(
      [first, second], retry: DescribingFixture.quickRetry(attempts: 1))
    let (run, ledger) = try videos.run(describer, jobs: 4)
    let summary = try await run.run(videos.videos)
    #expect((summary.done, summary.failed, summary.pending) == (12, 0, 0))
    let endpoints = try videos.videos.flatMap { try ledger.attempts(videoID: $0.id) }
      .filter { $0.status == .succeeded }.compactMap(\.endpoint)
    #expect(Set(endpoints) == [first.base, second.base])
    #expect(endpoints.count { $0 == first.base } == 2)
  }

  @Test("a server that is still loading is waited for at the start")
  func loading() async throws {
    let looks = Mutex(0)
    let server = try FaultInjectingServer(models: []) { request in
      guard request.path == "/v1/models" else { return .chat("Smoke fills the room.") }
      let number = looks.withLock { looks in
        looks += 1
        return looks
      }
      return number < 5 ? .error(503, "loading") : .models(["fake"])
    }
    defer { server.stop() }
    let describer = try await DescribingFixture.connect(server)
    #expect(
      try await describer.describe(try DescribingFixture.request()).text == "Smoke fills the room.")
  }

  @Test("different models are mixed only on request")
  func mixedModels() async throws {
    let first = try FaultInjectingServer(models: ["a"]) { _ in .chat("This is from a.") }
    let second = try FaultInjectingServer(models: ["b"]) { _ in .chat("This is from b.") }
    defer {
      first.stop()
      second.stop()
    }
    let error = try await #require(throws: DescriptionError.self) {
      try await DescribingFixture.connect([first, second])
    }
    #expect(error.failureKind == .usage)
    #expect(error.description.contains("'a'") && error.description.contains("--mix-models"))
    let mixed = try await DescribingFixture.connect([first, second], mayMixModels: true)
    #expect(mixed.identity.model == "mixed models")
    var models: Set<String> = []
    for _ in 0..<2 {
      let description = try await mixed.describe(try DescribingFixture.request())
      models.insert(description.describer.model)
    }
    #expect(models == ["a", "b"])
    #expect(first.chats[0].json?["model"] as? String == "a")
    #expect(second.chats[0].json?["model"] as? String == "b")
  }

  @Test("neither the order of mixed endpoints nor an absent one changes a question")
  func mixedKeys() async throws {
    let servers = try ["a", "b"].map { name in
      try FaultInjectingServer(models: [name]) {
        .chat("This is from \(name): \($0.body.hashValue)")
      }
    }
    defer { for server in servers { server.stop() } }
    let videos = try FakeVideos(4)
    func run(_ servers: [FaultInjectingServer]) async throws -> DescribeSummary {
      let mixed = try await DescribingFixture.connect(servers, mayMixModels: true)
      let (run, ledger) = try videos.run(mixed)
      let summary = try await run.run(videos.videos)
      // The describer of each description is still recorded.
      #expect(try Set(DescriptionExport.lines(of: ledger).map(\.model)) == ["a", "b"])
      return summary
    }
    #expect(try await run(servers).done == 4)
    #expect(try await run(servers.reversed()).skipped == 4)
    servers[1].stop()
    #expect(try await run(servers).skipped == 4)
    #expect(try await run(servers.reversed()).skipped == 4)
  }

  @Test("a mixed endpoint that is absent at the start is asked for the model that it serves later")
  func mixedAbsent() async throws {
    let isThere = Mutex(false)
    let late = try FaultInjectingServer(models: []) { request in
      guard isThere.withLock({ $0 }) else { return .hangUp }
      return request.path == "/v1/models" ? .models(["late"]) : .chat("This is from late.")
    }
    let first = try FaultInjectingServer(models: ["first"]) { _ in .chat("This is from first.") }
    defer {
      late.stop()
      first.stop()
    }
    let mixed = try await DescribingFixture.connect([late, first], mayMixModels: true)
    #expect(await mixed.pool.states.map(\.model) == [nil, "first"])
    #expect(try await mixed.describe(try DescribingFixture.request()).describer.model == "first")
    isThere.withLock { $0 = true }
    while await mixed.pool.states[0].standing == .lost { await Task.yield() }
    #expect(await mixed.pool.states.map(\.model) == ["late", "first"])
    var models: Set<String> = []
    for _ in 0..<3 {
      models.insert(try await mixed.describe(try DescribingFixture.request()).describer.model)
    }
    #expect(models == ["late", "first"])
    #expect(late.chats.allSatisfy { $0.json?["model"] as? String == "late" })
  }

  @Test("a server that always fails ends the run after a number of videos in a row")
  func breaker() async throws {
    let server = try FaultInjectingServer { _ in .error(400, "no") }
    defer { server.stop() }
    let videos = try FakeVideos(30)
    let (run, ledger) = try videos.run(try await DescribingFixture.connect(server), jobs: 2)
    let limited = DescribeRun(
      workspace: run.workspace, ledger: ledger, describer: run.describer, source: videos,
      prompt: try DescribingFixture.prompt(), jobs: 2, failureLimit: 5)
    let summary = try await limited.run(videos.videos)
    #expect(summary.stoppedBecause?.contains("5 videos in a row") == true)
    #expect((5...6).contains(summary.failed))
    #expect(summary.failed + summary.pending == 30)
  }

  @Test("a busy server is waited for longer than the retries would last")
  func busy() async throws {
    let waits = WaitLog()
    let server = try FaultInjectingServer { request in
      request.index < 12 ? .error(503, "overloaded") : .chat("Smoke fills the room.")
    }
    defer { server.stop() }
    let describer = try await DescribingFixture.connect(
      server, retry: DescribingFixture.quickRetry(attempts: 3, waits: waits))
    #expect(
      try await describer.describe(try DescribingFixture.request()).text == "Smoke fills the room.")
    #expect(server.chats.count == 13)
    // 0.25, 0.5, 1, ... up to half of 30 s: over 90 s in all.
    #expect(waits.seconds.reduce(0, +) > 90)
  }
}
