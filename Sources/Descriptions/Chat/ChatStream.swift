import Foundation
import HTTP

/// Assembles a streamed chat answer from its events.
struct ChatStream {
  private(set) var answer = ChatAnswer()
  private var events = ServerSentEvents()
  private var isDone = false
  private var hasChoice = false
  /// The first error that the server reported in the stream.
  private var failure: ServerErrorReport?
  /// Why an event cannot be read.
  private var problem: String?
  /// Lines that belong to no event.
  private var strays = Data()

  /// The words so far.
  var text: String { answer.text ?? "" }

  /// How a stream ended.
  enum Ending {
    case answer(ChatAnswer)
    /// The server reported an error, whatever came before it.
    case failed(ServerErrorReport)
    case malformed(reason: String)
  }

  /// Adds a piece of the body.
  mutating func feed(_ piece: Data) {
    for event in events.feed(piece) { take(event) }
  }

  /// The answer, unless the stream reported an error or ended before the model did.
  mutating func finish() -> Ending {
    for event in events.finish() { take(event) }
    if let failure { return .failed(failure) }
    if let problem { return .malformed(reason: problem) }
    if hasChoice, isDone || answer.finishReason != nil { return .answer(answer) }
    if !strays.isEmpty {
      if let report = ServerErrorReport(json: strays, isFailure: true) { return .failed(report) }
      return .malformed(reason: "the stream contains: \(ErrorText.line(of: strays))")
    }
    return .malformed(reason: "the stream ended before the answer was complete")
  }

  private mutating func take(_ event: ServerSentEvent) {
    // What comes after the end says nothing about the answer.
    if isDone { return }
    switch event.kind {
    case .error:
      failure = failure ?? ServerErrorReport(json: event.data, isFailure: true)
      if failure == nil {
        problem =
          problem ?? "the server reports an error in the stream: \(ErrorText.line(of: event.data))"
      }
    case .stray:
      failure = failure ?? ServerErrorReport(json: event.data)
      if strays.count < 1 << 16 { strays += event.data + Data("\n".utf8) }
    case .data: take(event.data)
    }
  }

  private mutating func take(_ data: Data) {
    let trimmed = String(decoding: data.prefix(16), as: UTF8.self)
      .trimmingCharacters(in: .whitespacesAndNewlines)
    if trimmed == "[DONE]" {
      isDone = true
      return
    }
    guard let value = try? JSONSerialization.jsonObject(with: data, options: .fragmentsAllowed),
      let chunk = value as? [String: Any]
    else {
      let words = ErrorText.line(of: data)
      if words.lowercased().hasPrefix("error") || RequestRefusal.isRefusal(words) {
        failure = failure ?? ServerErrorReport(words as Any, isFailure: true)
      }
      problem =
        problem ?? "expected a chunk of a chat answer, found: " + String(words.prefix(120))
      return
    }
    failure = failure ?? ServerErrorReport(chunk)
    if let choice = (chunk["choices"] as? [Any])?.first as? [String: Any] {
      hasChoice = true
      if let delta = choice["delta"] as? [String: Any] { answer.add(delta) }
      answer.finishReason = choice["finish_reason"] as? String ?? answer.finishReason
    }
    answer.addUsage(of: chunk)
  }
}
