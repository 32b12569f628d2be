import Descriptions
import Foundation
import HTTP
import TestSupport
import Testing
import Workspaces

/// Errors within answers of status 200.
@Suite("Stream errors")
struct StreamErrorTests {
  private static let words = "the request exceeds the available context size, try increasing it"
  private static let error =
    "{\"code\":400,\"message\":\"\(words)\",\"type\":\"invalid_request_error\"}"
  private static let piece =
    "data: {\"choices\":[{\"delta\":{\"content\":\"A man falls down and\"}}]}\n\n"

  private static func stream(_ body: String) -> FaultInjectingServerAnswer {
    .answer(
      status: 200, headers: ["Content-Type": "text/event-stream; charset=utf-8"],
      body: Data(body.utf8))
  }

  private func run(_ answers: [FaultInjectingServerAnswer], videos count: Int = 1) async throws -> (
    summary: DescribeSummary, asked: Int, attempts: [LedgerAttempt], waits: [Double]
  ) {
    let server = try FaultInjectingServer { answers[min($0.index, answers.count - 1)] }
    defer { server.stop() }
    let waits = WaitLog()
    let describer = try await DescribingFixture.connect(
      server, retry: DescribingFixture.quickRetry(waits: waits))
    let videos = try FakeVideos(count)
    let (run, ledger) = try videos.run(describer, jobs: 1)
    let summary = try await run.run(videos.videos)
    return (
      summary, server.chats.count, try ledger.attempts(videoID: videos.videos[0].id), waits.seconds
    )
  }

  @Test(
    "a status within a stream counts like an HTTP status, in every framing",
    arguments: [
      "data: {\"error\":\(error)}\n\n", "data: {\"error\":\(error)}\n\ndata: [DONE]\n\n",
      piece + "data: {\"error\":\(error)}\n\n", "error: \(error)\n\n",
      "error: {\"error\":\(error)}\n\n",
      "event: error\ndata: \(error)\n\n", "event: error\ndata: {\"error\":\(error)}\n\n",
      "data: {\"error\":\"\(words)\",\"error_type\":\"validation\"}\n\n",
      "data: {\"object\":\"error\",\"message\":\"\(words)\",\"code\":400}\n\n",
      "data: {\"error\":{\"error\":\(error)}}\n\n", "data: {\"detail\":\"\(words)\"}\n\n",
      "data: {\"error\":{\"message\":\"\(words)\",\"code\":\"context_length_exceeded\"}}\n\n",
      "data: {\"error\":{\"message\":\"\(words)\",\"code\":\"400\"}}\n\n", "{\"error\":\(error)}\n",
      "{\"error\":\(error)}", "{\n  \"error\": {\n    \"message\": \"\(words)\"\n  }\n}\n",
      "data: {\"error\":{\"message\":\"\(words)\"}}\n\n", "data: {\"error\":\"\(words)\"}\r\n\r\n",
      "data:{\"error\":{\"message\":\"Error code: 400 - {'object': 'error', 'message': '\(words)'}\"}}\n\n",
      "data: {\"error\":\(error),\"choices\":[{\"delta\":{\"content\":\"\"},\"finish_reason\":\"error\"}]}\n\n",
      ": ping\n\ndata:\n\nevent: error\ndata: \(words)\n\n",
    ])
  func framings(body: String) async throws {
    let (summary, asked, attempts, waits) = try await run([Self.stream(body)])
    #expect(summary.done == 0 && summary.failed == 1)
    if body.contains("event: error\ndata: the") {
      // Words alone carry no status, and are told as they are.
      #expect((summary.failures.first ?? "").contains(Self.words))
      return
    }
    #expect(asked == 1 && waits.isEmpty)
    #expect(attempts.map(\.cause) == [.contextLength] && attempts[0].error == Self.words)
    #expect(
      (summary.failures.first ?? "").contains(Self.words + "; lower --frames"),
      "\(summary.failures)")
    #expect(!(summary.failures.first ?? "").contains("{"))
  }

  @Test("the same errors within a whole answer of status 200")
  func whole() async throws {
    for body in [
      "{\"error\":\(Self.error)}",
      "{\"object\":\"error\",\"message\":\"\(Self.words)\",\"code\":400}",
      "{\"error\":\(Self.error),\"choices\":[]}",
    ] {
      let (summary, asked, attempts, _) = try await run([.json(body)])
      #expect(summary.failed == 1 && asked == 1)
      #expect(attempts.map(\.cause) == [.contextLength] && attempts[0].httpStatus == 400)
    }
  }

  @Test("a busy server and a failing one are asked again, as with an HTTP status")
  func transient() async throws {
    let good = FaultInjectingServerAnswer.streamedChat("Smoke fills the room.")
    for (status, cause) in [(429, AttemptCause.busy), (503, .busy), (500, .serverError)] {
      let body = Self.piece + "data: {\"error\":{\"message\":\"no\",\"code\":\(status)}}\n\n"
      let (summary, asked, attempts, waits) = try await run([Self.stream(body), good])
      #expect(summary.done == 1 && asked == 2 && waits.count == 1)
      #expect(attempts.map(\.cause) == [cause, nil])
      #expect(attempts[0].httpStatus == status)
    }
  }

  @Test("an endpoint that refuses requests in its streams does not pause")
  func noPause() async throws {
    let body = "data: {\"error\":\(Self.error)}\n\n"
    let server = try FaultInjectingServer { _ in Self.stream(body) }
    defer { server.stop() }
    let describer = try await DescribingFixture.connect(server)
    for number in 0..<5 {
      _ = try? await describer.describe(try DescribingFixture.request(seed: number))
    }
    #expect(await describer.pool.states[0].standing == .ready)
    #expect(server.chats.count == 5)
  }

  @Test(
    "what is no error changes nothing",
    arguments: [
      "data:\n\n", "data: \n\n", "data: {\"error\":null,\"choices\":[]}\n\n", ": ping\n\n",
      "event: ping\n\n", "retry: 100\n\n",
      "data: {\"choices\":[{\"delta\":{\"role\":\"assistant\",\"content\":null}}],\"error\":null}\n\n",
    ])
  func harmless(before: String) async throws {
    let body =
      before + Self.piece + "data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n"
      + "data: {\"choices\":null,\"usage\":{\"prompt_tokens\":3}}\n\ndata: [DONE]\n\n"
    let (summary, asked, attempts, _) = try await run([Self.stream(body)])
    #expect(summary.done == 1 && asked == 1 && attempts[0].promptTokens == 3)
    // The same under another content type.
    let plain = FaultInjectingServerAnswer.answer(
      status: 200, headers: ["Content-Type": "text/plain"], body: Data(body.utf8))
    if !before.hasPrefix(":"), !before.hasPrefix("retry") {
      #expect(try await run([plain]).summary.done == 1)
    }
  }

  @Test("a sentence in a stream is told, and asked again")
  func sentence() async throws {
    let (summary, asked, attempts, _) = try await run([
      Self.stream("upstream connect error or disconnect\n")
    ])
    #expect(summary.failed == 1 && asked == 5 && attempts[0].cause == .malformed)
    #expect((summary.failures.first ?? "").contains("upstream connect error"))
  }
}
