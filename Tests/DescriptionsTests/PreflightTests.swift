import Descriptions
import Foundation
import HTTP
import Synchronization
import TestSupport
import Testing
import Workspaces

@Suite("Preflight")
struct PreflightTests {
  private func describer(_ counting: CountingServer) async throws -> (
    OpenAIDescriber, FaultInjectingServer
  ) {
    let server = try FaultInjectingServer { counting.answer($0) }
    return (try await DescribingFixture.connect(server), server)
  }

  @Test(
    "the text's cost is measured, and then every request's tokens are known exactly",
    arguments: [false, true])
  func exact(hasTokenizer: Bool) async throws {
    let (describer, server) = try await describer(CountingServer(hasTokenizer: hasTokenizer))
    defer { server.stop() }
    let prompt = try DescribingFixture.prompt()
    let (ready, reports) = try await describer.preflighted(prompt: prompt, frames: 8)
    #expect(reports.map(\.family) == ["qwen2.5-vl"])
    // If the server lists tokens, no request without images is sent.
    #expect(reports.map(\.costSource) == [hasTokenizer ? .tokenize : .requests])
    #expect(server.chats.count == (hasTokenizer ? 4 : 6))
    #expect(reports[0].warnings.isEmpty && reports[0].images == 8)
    let cost = try #require(ready.textCounter)
    for frames in [1, 3, 8, 12] {
      let seconds = (0..<frames).map { Double($0) * 113.7 }
      let parts = prompt.render(durationSeconds: 1234.5, frameSeconds: seconds)
      let words = parts.map { part in
        if case .text(let text) = part { text } else { "" }
      }.joined()
      #expect(
        cost.textTokens(of: parts) == words.count + CountingServer.templateTokens,
        "\(frames) frames")
    }
  }

  @Test("only an item whose images were dropped or reduced has the finding")
  func findings() async throws {
    let shrinks = Mutex(false)
    let whole = CountingServer()
    let shrunk = CountingServer(share: 0.5)
    let server = try FaultInjectingServer { request in
      (shrinks.withLock { $0 } && request.index % 2 == 1 ? shrunk : whole).answer(request)
    }
    defer { server.stop() }
    let (ready, _) = try await DescribingFixture.connect(server)
      .preflighted(prompt: try DescribingFixture.prompt(), frames: 3)
    shrinks.withLock { $0 = true }
    let videos = try FakeVideos(6)
    let (run, ledger) = try videos.run(ready, jobs: 1)
    let summary = try await run.run(videos.videos)
    #expect((summary.done, summary.findings["imageTokens"]) == (6, 3))
    let attempts = try videos.videos.flatMap { try ledger.attempts(videoID: $0.id) }
    for attempt in attempts {
      let counted = try #require(attempt.promptTokens)
      let expected = try #require(attempt.expectedPromptTokens)
      #expect((attempt.findings == [.imageTokens]) == (counted != expected))
    }
  }

  @Test("a server that drops images, or resizes them by another rule, is refused before the run")
  func refused() async throws {
    let prompt = try DescribingFixture.prompt()
    for (counting, says) in [
      (CountingServer(mostImages: 1), "drops or resizes"),
      (CountingServer(mostImages: 7, hasTokenizer: true), "drops or resizes"),
      (CountingServer(family: VisionFamily.all[2]), "--vision-family qwen3-vl"),
      (CountingServer(limit: 4), "--limit-mm-per-prompt"),
    ] {
      let (describer, server) = try await describer(counting)
      defer { server.stop() }
      let error = try await #require(throws: DescriptionError.self) {
        try await describer.preflighted(prompt: prompt, frames: 8)
      }
      #expect(error.description.contains(says), "\(error)")
    }
  }

  @Test("without counts, or by an unknown rule, the run goes on with a warning")
  func unknown() async throws {
    let (describer, server) = try await describer(CountingServer(share: 0.7))
    defer { server.stop() }
    let (ready, reports) = try await describer.preflighted(
      prompt: try DescribingFixture.prompt(), frames: 2)
    #expect(ready.textCounter == nil)
    #expect(
      reports[0].warnings.count == 1 && reports[0].warnings[0].contains("matches no known rule"))
  }

  @Test(
    "a /tokenize of another kind is ignored",
    arguments: [
      "{\"tokens\":[]}", "{\"count\":3,\"tokens\":[1,2,3]}", "[]", "{\"count\":9,\"tokens\":[1]}",
    ])
  func otherTokenizers(answer: String) async throws {
    let server = try FaultInjectingServer { request in
      request.path == "/tokenize" ? .json(answer) : CountingServer().answer(request)
    }
    defer { server.stop() }
    let (_, reports) = try await DescribingFixture.connect(server)
      .preflighted(prompt: try DescribingFixture.prompt(), frames: 3)
    #expect(reports[0].costSource == .requests && reports[0].cost != nil)
  }

  @Test("streams without counts are found before the run, by a preflight that streams too")
  func uncountedStreams() async throws {
    let prompt = try DescribingFixture.prompt()
    let silent = CountingServer(countsStreams: false)
    let (describer, server) = try await describer(silent)
    defer { server.stop() }
    let (ready, reports) = try await describer.preflighted(prompt: prompt, frames: 3)
    #expect(ready.textCounter == nil && reports[0].family == "qwen2.5-vl")
    #expect(reports[0].warnings.count == 1 && reports[0].warnings[0].contains("--no-stream"))
    // A server that refuses to stream counts gets the same warning.
    let refusing = try FaultInjectingServer { request in
      request.json?["stream_options"] == nil
        ? silent.answer(request) : .error(400, "stream_options is not supported")
    }
    defer { refusing.stop() }
    let second = try await DescribingFixture.connect(refusing)
      .preflighted(prompt: prompt, frames: 3).reports
    #expect(second[0].omittedFields == ["stream_options"])
    #expect(second[0].warnings.contains { $0.contains("--no-stream") })
    // And one that drops images is still refused.
    let dropping = try FaultInjectingServer {
      CountingServer(mostImages: 1, countsStreams: false).answer($0)
    }
    defer { dropping.stop() }
    let third = try await DescribingFixture.connect(dropping)
    await #expect(throws: DescriptionError.self) {
      try await third.preflighted(prompt: prompt, frames: 3)
    }
  }

  @Test("answers without an expected count cause one warning")
  func uncounted() async throws {
    let counts = Mutex(true)
    let server = try FaultInjectingServer { request in
      CountingServer(countsStreams: counts.withLock { $0 }).answer(request)
    }
    defer { server.stop() }
    let (ready, _) = try await DescribingFixture.connect(server)
      .preflighted(prompt: try DescribingFixture.prompt(), frames: 3)
    counts.withLock { $0 = false }
    let videos = try FakeVideos(3)
    let warnings = Mutex<[String]>([])
    let summary = try await videos.run(ready).run.run(videos.videos) { _ in
    } warn: { warning in
      warnings.withLock { $0.append(warning) }
    }
    #expect(summary.done == 3)
    #expect(warnings.withLock { $0.filter { $0.contains("has no count") }.count } == 1)
    counts.withLock { $0 = true }
    let counted = try FakeVideos(3)
    warnings.withLock { $0 = [] }
    _ = try await counted.run(ready).run.run(
      counted.videos,
      warn: { warning in
        warnings.withLock { $0.append(warning) }
      })
    #expect(warnings.withLock { $0 }.isEmpty)
  }

  @Test("a finished run sends no request")
  func finished() async throws {
    let (describer, server) = try await describer(CountingServer())
    defer { server.stop() }
    let videos = try FakeVideos(2)
    let (run, ledger) = try videos.run(describer)
    let looking = DescribeRun(
      workspace: run.workspace, ledger: ledger, describer: describer, source: videos,
      prompt: try DescribingFixture.prompt(), preflightFrames: 3)
    #expect(try await looking.run(videos.videos).done == 2)
    let asked = server.chats.count
    #expect(asked > 2)
    #expect(try await looking.run(videos.videos).skipped == 2)
    #expect(server.chats.count == asked)
  }
}

@Suite("Vision family")
struct VisionFamilyTests {
  @Test(
    "a model's name identifies its family",
    arguments: [
      ("Qwen/Qwen2.5-VL-7B-Instruct", "qwen2.5-vl"), ("Qwen/Qwen2-VL-2B", "qwen2-vl"),
      ("qwen3-vl-8b", "qwen3-vl"), ("local/tiny-qwen2.5-vl", "qwen2.5-vl"), ("llava", nil),
    ] as [(String, String?)])
  func names(model: String, family: String?) {
    #expect(VisionFamily.of(model: model)?.name == family)
  }

  @Test("a frame's cost follows from the family's factor and limits")
  func costs() {
    let costs = VisionFamily.all.map { $0.budget().cost(width: 320, height: 240) }
    // 320x240: 11.43 x 8.57 patches of 28; 10 x 7.5 of 32, where 7.5 goes to 8.
    #expect(costs.map { $0?.tokens } == [99 + 2, 99 + 2, 80 + 2])
    #expect(VisionFamily.all[2].budget().cost(width: 64, height: 48)?.tokens == 70 + 2)
    #expect(VisionFamily.all[1].budget(maximumPixels: 10 * 784).maximumPixels == 7840)
  }
}
