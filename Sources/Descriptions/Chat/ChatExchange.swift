import Foundation
import HTTP

/// One exchange with one chat server, streamed or not, without retries.
struct ChatExchange: Sendable {
  let server: ModelServer
  /// Asked while the words come: the reason to stop reading; nil to go on.
  let stopsListening: @Sendable (String) -> String?

  /// How the exchange ended.
  enum Reply: Sendable {
    /// A chat answer.
    case answer(ChatAnswer)
    /// A status other than 200.
    case refusal(HTTPResponse)
    /// A status of 200 without a chat answer.
    case malformed(reason: String)
    /// This side stopped reading while the words still came.
    case stopped(reason: String)
    case broken(NetworkFailure)
    case cancelled
  }

  /// How long an exchange took, to its end or to its failure.
  struct Times: Sendable {
    var totalSeconds: Double
    var firstByteSeconds: Double?
  }

  /// A streamed answer is examined each time it has grown by this many bytes.
  private static let lookEvery = 24

  func send(_ body: Data) async -> (reply: Reply, times: Times) {
    let started = ContinuousClock.now
    var times = Times(totalSeconds: 0)
    let reply = await receive(body, started: started, &times)
    times.totalSeconds = (ContinuousClock.now - started) / .seconds(1)
    return (reply, times)
  }

  private func receive(_ body: Data, started: ContinuousClock.Instant, _ times: inout Times) async
    -> Reply
  {
    var head: HTTPHead?
    var whole = Data()
    var stream: ChatStream?
    var looked = 0
    do {
      for try await event in server.events(posting: body, to: "chat/completions") {
        switch event {
        case .head(let received):
          head = received
          times.firstByteSeconds = (ContinuousClock.now - started) / .seconds(1)
          if received.status == 200,
            received["content-type"]?.lowercased().hasPrefix("text/event-stream") == true
          {
            stream = ChatStream()
          }
        case .body(let piece):
          guard stream != nil else {
            whole.append(piece)
            continue
          }
          stream?.feed(piece)
          let text = stream?.text ?? ""
          if text.utf8.count >= looked + Self.lookEvery {
            looked = text.utf8.count
            // Leaving the loop closes the connection, which also stops the server.
            if let reason = stopsListening(text) { return .stopped(reason: reason) }
          }
        case .end(let timings):
          guard let head else {
            return .malformed(reason: "the answer has no HTTP status line")
          }
          times.firstByteSeconds = timings.firstByteSeconds
          if var stream {
            if let answer = stream.finish() { return .answer(answer) }
            return .malformed(
              reason: stream.error ?? "the stream ended before the answer was complete")
          }
          return Self.read(HTTPResponse(head: head, body: whole, timings: timings))
        }
      }
      return .cancelled
    } catch let failure as NetworkFailure {
      return .broken(failure)
    } catch {
      return .cancelled
    }
  }

  private static func read(_ response: HTTPResponse) -> Reply {
    guard response.head.status == 200 else { return .refusal(response) }
    guard let answer = try? JSONDecoder().decode(ChatAnswer.self, from: response.body),
      answer.hasChoice
    else {
      return .malformed(
        reason: "expected a chat answer with choices, found: \(response.errorText)")
    }
    return .answer(answer)
  }
}

/// A chat server's answer, in any of the known dialects.
struct ChatAnswer: Decodable, Sendable {
  /// The first choice's words; nil if it has none.
  let text: String?
  let finishReason: String?
  /// The words with which the model declined, if the server reports them.
  let refusal: String?
  let promptTokens: Int?
  let completionTokens: Int?
  /// Whether the answer has a first choice.
  let hasChoice: Bool

  init(
    text: String?, finishReason: String?, refusal: String?, promptTokens: Int?,
    completionTokens: Int?
  ) {
    self.text = text
    self.finishReason = finishReason
    self.refusal = refusal
    self.promptTokens = promptTokens
    self.completionTokens = completionTokens
    hasChoice = true
  }

  private struct Body: Decodable {
    let choices: [Choice]?
    let usage: ChatUsage?
  }
  private struct Choice: Decodable {
    let message: Message?
    let finishReason: String?

    enum CodingKeys: String, CodingKey {
      case message
      case finishReason = "finish_reason"
    }
  }
  private struct Message: Decodable {
    let content: Content?
    let refusal: String?
  }
  /// A text, or a list of parts with texts.
  private struct Content: Decodable {
    struct Part: Decodable { let text: String? }
    let text: String

    init(from decoder: any Decoder) throws {
      let container = try decoder.singleValueContainer()
      if let words = try? container.decode(String.self) {
        text = words
      } else {
        text = try container.decode([Part].self).compactMap(\.text).joined()
      }
    }
  }

  init(from decoder: any Decoder) throws {
    let body = try Body(from: decoder)
    let choice = body.choices?.first
    hasChoice = choice?.message != nil
    text = choice?.message?.content?.text
    finishReason = choice?.finishReason
    refusal = choice?.message?.refusal
    promptTokens = body.usage?.promptTokens
    completionTokens = body.usage?.completionTokens
  }
}

/// The server's token counts.
struct ChatUsage: Decodable, Sendable {
  let promptTokens: Int?
  let completionTokens: Int?

  enum CodingKeys: String, CodingKey {
    case promptTokens = "prompt_tokens"
    case completionTokens = "completion_tokens"
  }
}

/// Assembles a streamed chat answer from its events.
struct ChatStream {
  private(set) var text = ""
  private var events = ServerSentEvents()
  private var finishReason: String?
  private var refusal = ""
  private var promptTokens: Int?
  private var completionTokens: Int?
  private var isDone = false
  private var hasChoice = false
  /// The error that the server reported in mid-stream.
  private(set) var error: String?

  private struct Chunk: Decodable {
    struct Choice: Decodable {
      struct Delta: Decodable {
        let content: String?
        let refusal: String?
      }
      let delta: Delta?
      let finishReason: String?

      enum CodingKeys: String, CodingKey {
        case delta
        case finishReason = "finish_reason"
      }
    }
    struct Failure: Decodable {
      let message: String?
    }
    let choices: [Choice]?
    let usage: ChatUsage?
    let error: Failure?
  }

  /// Adds a piece of the body. An event that is not JSON is an error.
  mutating func feed(_ piece: Data) {
    for event in events.feed(piece) { take(event) }
  }

  /// The answer; nil if the stream ended before the model did, or with an error.
  mutating func finish() -> ChatAnswer? {
    if let last = events.finish() { take(last) }
    guard error == nil, hasChoice, isDone || finishReason != nil else { return nil }
    return ChatAnswer(
      text: text, finishReason: finishReason, refusal: refusal.isEmpty ? nil : refusal,
      promptTokens: promptTokens, completionTokens: completionTokens)
  }

  private mutating func take(_ event: Data) {
    guard event != Data("[DONE]".utf8) else {
      isDone = true
      return
    }
    guard let chunk = try? JSONDecoder().decode(Chunk.self, from: event) else {
      error =
        error
        ?? "expected a chunk of a chat answer, found: "
        + String(decoding: event.prefix(120), as: UTF8.self)
      return
    }
    if let failure = chunk.error {
      error = error ?? failure.message ?? "the server reported an error without a reason"
    }
    if let choice = chunk.choices?.first {
      hasChoice = true
      text += choice.delta?.content ?? ""
      refusal += choice.delta?.refusal ?? ""
      finishReason = choice.finishReason ?? finishReason
    }
    promptTokens = chunk.usage?.promptTokens ?? promptTokens
    completionTokens = chunk.usage?.completionTokens ?? completionTokens
  }
}
