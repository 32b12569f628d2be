import Descriptions
import Foundation
import HTTP
import Records
import TestSupport
import Testing

@Suite("Chat retry loop")
struct ChatRetryLoopTests {
  /// Asks about one video. The server gives its answers in order, and repeats the last one.
  private func ask(
    _ answers: [FaultInjectingServerAnswer], attempts: Int = 5, waits: WaitLog = WaitLog(),
    timeouts: HTTPTimeouts = HTTPTimeouts()
  ) async throws -> (result: Result<Description, any Error>, asked: Int) {
    let server = try FaultInjectingServer { answers[min($0.index, answers.count - 1)] }
    defer { server.stop() }
    let describer = try await DescribingFixture.connect(
      server, retry: DescribingFixture.quickRetry(attempts: attempts, waits: waits),
      timeouts: timeouts)
    do {
      let description = try await describer.describe(try DescribingFixture.request())
      return (.success(description), server.chats.count)
    } catch {
      return (.failure(error), server.chats.count)
    }
  }

  @Test(
    "a temporary failure is retried until it passes",
    arguments: [408, 409, 425, 429, 500, 502, 503, 504])
  func transient(status: Int) async throws {
    let (result, asked) = try await ask([
      .error(status, "busy"), .error(status, "busy"), .chat("Smoke fills the room."),
    ])
    #expect(try result.get().text == "Smoke fills the room.")
    #expect(asked == 3)
  }

  @Test("a permanent failure is not retried", arguments: [400, 401, 403, 404, 413, 415])
  func permanent(status: Int) async throws {
    let (result, asked) = try await ask([.error(status, "no such thing")])
    #expect(throws: DescriptionError.self) { try result.get() }
    #expect(asked == 1)
  }

  @Test("network faults are retried")
  func network() async throws {
    let body = Data(repeating: 65, count: 1000)
    let (result, asked) = try await ask(
      [
        .hangUp, .resetMidBody(body: body, after: 10), .stall,
        .stallMidBody(body: body, after: 10), .chat("Smoke fills the room."),
      ], timeouts: HTTPTimeouts(firstByteSeconds: 1, noProgressSeconds: 1))
    #expect(try result.get().text == "Smoke fills the room.")
    #expect(asked >= 5)
  }

  @Test("attempts are counted, and the error contains the last reason")
  func gaveUp() async throws {
    let waits = WaitLog()
    let (result, asked) = try await ask([.error(500, "boom")], attempts: 4, waits: waits)
    let error = try #require(throws: DescriptionError.self) { try result.get() }
    #expect(asked == 4)
    #expect(error.description.contains("4 attempts") && error.description.contains("boom"))
    #expect(waits.seconds == [0.25, 0.5, 1])
  }

  @Test("Retry-After is obeyed up to a limit, and beyond it the video is left for later")
  func retryAfter() async throws {
    let waits = WaitLog()
    let busy = { (value: String) in
      FaultInjectingServerAnswer.error(429, "busy", headers: ["Retry-After": value])
    }
    let (result, asked) = try await ask([busy("7"), .chat("Smoke fills the room.")], waits: waits)
    #expect(try result.get().text == "Smoke fills the room.")
    #expect(asked == 2 && waits.seconds == [7.25])
    let (parked, once) = try await ask([busy("86400")], waits: waits)
    #expect(once == 1 && waits.seconds.count == 1)
    let error = try #require(throws: DescriptionError.self) { try parked.get() }
    #expect(error.description.contains("86400 s"))
  }

  @Test(
    "an answer without words is a failure and is not asked again",
    arguments: [
      "{\"choices\":[{\"message\":{\"content\":\"\"},\"finish_reason\":\"stop\"}]}",
      "{\"choices\":[{\"message\":{\"content\":\" \\n\"},\"finish_reason\":\"stop\"}]}",
      "{\"choices\":[{\"message\":{\"content\":null},\"finish_reason\":\"stop\"}]}",
      "{\"choices\":[{\"message\":{\"content\":[]},\"finish_reason\":\"stop\"}]}",
      "{\"choices\":[{\"message\":{\"content\":\"I\",\"refusal\":\"I cannot\"}}]}",
      "{\"choices\":[{\"message\":{\"content\":\"I\"},\"finish_reason\":\"content_filter\"}]}",
    ])
  func unusable(json: String) async throws {
    let (result, asked) = try await ask([.json(json)])
    guard case .failure(DescriptionError.unusableAnswer) = result else {
      Issue.record("found \(result)")
      return
    }
    #expect(asked == 1)
  }

  @Test(
    "a body that is not a chat answer is retried",
    arguments: ["", "<html>busy</html>", "{}", "{\"choices\":[]}", "[1]", "{\"choices\":[{}]}"])
  func malformed(body: String) async throws {
    let (result, asked) = try await ask([
      .answer(status: 200, headers: [:], body: Data(body.utf8)), .chat("Smoke fills the room."),
    ])
    #expect(try result.get().text == "Smoke fills the room.")
    #expect(asked == 2)
  }

  @Test(
    "words in a list of parts are joined; a cut answer is kept and marked; counts may be missing")
  func dialects() async throws {
    let parts = try await ask([
      .json(
        "{\"choices\":[{\"message\":{\"content\":[{\"type\":\"text\",\"text\":\" A house \"},"
          + "{\"text\":\"burns. \"}]}}]}")
    ]).result.get()
    #expect(
      parts.text == "A house burns." && parts.status == .complete && parts.promptTokens == nil)
    let cut = try await ask([.chat("A man who", finishReason: "length")]).result.get()
    #expect(cut.status == .truncated && cut.text == "A man who")
  }

  @Test("a server that goes away in the middle is unreachable, not the video's fault")
  func serverLost() async throws {
    let server = try FaultInjectingServer { _ in .hangUp }
    let describer = try await DescribingFixture.connect(server)
    server.stop()
    let error = try await #require(throws: DescriptionError.self) {
      try await describer.describe(try DescribingFixture.request())
    }
    #expect(error.failureKind == .serverUnreachable)
  }
}
