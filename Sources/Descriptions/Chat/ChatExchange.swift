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
    /// A status other than 200, or an error with a status within an answer of status 200.
    case refusal(ServerRefusal)
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
          if var stream { return Self.reply(at: stream.finish()) }
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
    guard response.head.status == 200 else { return .refusal(Self.refusal(response)) }
    let value = try? JSONSerialization.jsonObject(with: response.body, options: .fragmentsAllowed)
    if let value, let report = ServerErrorReport(value) { return reply(to: report) }
    if let object = value as? [String: Any], let answer = ChatAnswer(object) {
      return .answer(answer)
    }
    // A stream under another content type.
    let start = String(decoding: response.body.prefix(64), as: UTF8.self)
    if value == nil, start.contains(/^\s*(?:data|event|error)\s*:/) {
      var stream = ChatStream()
      stream.feed(response.body)
      return reply(at: stream.finish())
    }
    return .malformed(reason: "expected a chat answer with choices, found: \(response.errorText)")
  }

  private static func reply(at ending: ChatStream.Ending) -> Reply {
    switch ending {
    case .answer(let answer): .answer(answer)
    case .failed(let report): reply(to: report)
    case .malformed(let reason): .malformed(reason: reason)
    }
  }

  /// A refusal by status, with the error's code if that alone names the cause.
  private static func refusal(_ response: HTTPResponse) -> ServerRefusal {
    let refusal = ServerRefusal(response)
    guard let report = ServerErrorReport(json: response.body, isFailure: true),
      let words = words(of: report), words != refusal.words, report.code != nil
    else { return refusal }
    return ServerRefusal(
      status: refusal.status, words: words, retryAfterSeconds: refusal.retryAfterSeconds)
  }

  private static func words(of report: ServerErrorReport) -> String? {
    guard let words = report.words.map(ErrorText.line) else { return report.code }
    guard let code = report.code, !RequestRefusal.isRefusal(words),
      RequestRefusal.isRefusal(code), !words.contains(code)
    else { return words }
    return "\(words) (\(code))"
  }

  /// An error within an answer of status 200. One without a status is a refusal if its words
  /// are those of one.
  private static func reply(to report: ServerErrorReport) -> Reply {
    let words = words(of: report) ?? "the server reported an error without a reason"
    let status = report.status ?? (RequestRefusal.isRefusal(words) ? 400 : nil)
    return status.map { .refusal(ServerRefusal(status: $0, words: words)) }
      ?? .malformed(reason: words)
  }
}
