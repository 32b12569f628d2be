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
