import Foundation
import HTTP

/// Asks one server about one video until there is an answer to keep: what the
/// HTTP room's `RetryLoop` needs to know of chat.
struct ChatRetryLoop: Sendable {
  let server: ModelServer
  let dialect: ChatDialect
  let policy: RetryPolicy
  let identity: DescriberIdentity

  private typealias Verdict = RetryLoop.Verdict<Description>

  /// - Throws: `DescriptionError`, `CancellationError`, or what the recorder throws.
  func ask(_ body: ChatRequestBody, about video: String, recorder: (any AttemptRecorder)?)
    async throws -> Description
  {
    var omitted = dialect.omittedFields
    do {
      let description = try await RetryLoop(policy: policy).run {
        try await attempt(body, omitting: &omitted, recorder: recorder)
      }
      dialect.learn(omitted)
      return description
    } catch let failure as ServerFailure {
      throw DescriptionError(failure, endpoint: server.endpoint.base, video: video)
    }
  }

  private func attempt(
    _ body: ChatRequestBody, omitting omitted: inout Set<String>,
    recorder: (any AttemptRecorder)?
  ) async throws -> Verdict {
    let started = ContinuousClock.now
    let number = try await recorder?.began(
      endpoint: server.endpoint.base, omittedFields: omitted.sorted())
    func record(_ outcome: AttemptOutcome) async throws {
      guard let number else { return }
      try await recorder?.ended(number, outcome)
    }
    do {
      let response = try await server.post(
        body.encoded(omitting: omitted), to: "chat/completions")
      var outcome = AttemptOutcome(
        status: .failed, latencySeconds: response.timings.totalSeconds,
        firstByteSeconds: response.timings.firstByteSeconds, httpStatus: response.head.status)
      let verdict = judge(response, omitted: &omitted, outcome: &outcome)
      try await record(outcome)
      return verdict
    } catch let failure as NetworkFailure {
      try await record(
        AttemptOutcome(
          status: .failed, latencySeconds: seconds(since: started), error: failure.reason))
      return .on(failure)
    } catch is CancellationError {
      try await record(
        AttemptOutcome(
          status: .cancelled, latencySeconds: seconds(since: started), error: "interrupted"))
      throw CancellationError()
    }
  }

  private func judge(
    _ response: HTTPResponse, omitted: inout Set<String>, outcome: inout AttemptOutcome
  ) -> Verdict {
    let status = response.head.status
    guard status == 200 else {
      let reason = response.errorText
      outcome.error = reason
      if let fields = dialect.fieldsToOmit(refusal: reason, status: status, sent: omitted) {
        omitted = fields
        return .reworded
      }
      return .on(refusal: response)
    }
    guard let answer = try? JSONDecoder().decode(ChatAnswer.self, from: response.body),
      answer.hasChoice
    else {
      let reason = "not a chat answer: \(response.errorText)"
      outcome.error = reason
      return .retry(reason: reason, retryAfter: nil, serverWasReached: true)
    }
    outcome.promptTokens = answer.promptTokens
    outcome.completionTokens = answer.completionTokens
    outcome.finishReason = answer.finishReason
    let text = (answer.text ?? "").trimmingCharacters(in: .whitespacesAndNewlines)
    if let problem = problem(with: answer, text: text) {
      // The same question at temperature 0 would get the same answer.
      outcome.error = problem
      return .failed(.unusableAnswer(reason: problem))
    }
    outcome.status = .succeeded
    return .accepted(
      Description(
        text: text, describer: identity,
        status: answer.finishReason == "length" ? .truncated : .complete,
        promptTokens: answer.promptTokens, completionTokens: answer.completionTokens))
  }

  private func problem(with answer: ChatAnswer, text: String) -> String? {
    if let refusal = answer.refusal, !refusal.isEmpty {
      return "the model declined: \(refusal.prefix(200))"
    }
    if answer.finishReason == "content_filter" { return "held back by the server's filter" }
    return text.isEmpty ? "empty" : nil
  }

  private func seconds(since start: ContinuousClock.Instant) -> Double {
    (ContinuousClock.now - start) / .seconds(1)
  }
}
