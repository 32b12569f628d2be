import Foundation
import HTTP

/// One exchange with one chat server, streamed or not, without any retry.
struct ChatExchange: Sendable {
  let server: ModelServer
  /// Says, as the words come, whether to hear no more of them and why.
  let stopsListening: @Sendable (String) -> String?

  /// How it ended.
  enum Reply: Sendable {
    /// A chat answer.
    case answer(ChatAnswer)
    /// A status other than 200.
    case refusal(HTTPResponse)
    /// A status of 200 and no chat answer.
    case malformed(reason: String)
    /// Broken off here, while the words still came.
    case stopped(reason: String)
    case broken(NetworkFailure)
    case cancelled
  }

  /// What an exchange took, to its end or to where it broke.
  struct Times: Sendable {
    var totalSeconds: Double
    var firstByteSeconds: Double?
  }

  /// How often a streamed answer is looked at: after so many more characters.
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
            // Leaving the loop closes the connection, and the server stops working.
            if let reason = stopsListening(text) { return .stopped(reason: reason) }
          }
        case .end(let timings):
          guard let head else { return .malformed(reason: "an answer without a head") }
          times.firstByteSeconds = timings.firstByteSeconds
          if var stream {
            if let answer = stream.finish() { return .answer(answer) }
            return .malformed(reason: stream.error ?? "the stream ended before the answer did")
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
    else { return .malformed(reason: "not a chat answer: \(response.errorText)") }
    return .answer(answer)
  }
}

/// A chat server's answer, as any of the known dialects writes it.
struct ChatAnswer: Decodable, Sendable {
  /// The first choice's words; nil where there are none.
  let text: String?
  let finishReason: String?
  /// The words with which the model declined, where the server says so.
  let refusal: String?
  let promptTokens: Int?
  let completionTokens: Int?
  /// Whether there is a first choice at all.
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
  /// Words, or a list of parts with words.
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

/// What a server counted.
struct ChatUsage: Decodable, Sendable {
  let promptTokens: Int?
  let completionTokens: Int?

  enum CodingKeys: String, CodingKey {
    case promptTokens = "prompt_tokens"
    case completionTokens = "completion_tokens"
  }
}

/// Puts a streamed chat answer together from its events.
struct ChatStream {
  private(set) var text = ""
  private var events = ServerSentEvents()
  private var finishReason: String?
  private var refusal = ""
  private var promptTokens: Int?
  private var completionTokens: Int?
  private var isDone = false
  private var hasChoice = false
  /// What the server said went wrong in mid-stream.
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

  /// Takes a piece of the body. An event that is no JSON is an error.
  mutating func feed(_ piece: Data) {
    for event in events.feed(piece) { take(event) }
  }

  /// The answer; nil where the stream ended before the model did, or with an error.
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
        ?? "an event that is no chat chunk: \(String(decoding: event.prefix(120), as: UTF8.self))"
      return
    }
    if let failure = chunk.error { error = error ?? failure.message ?? "no reason given" }
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
