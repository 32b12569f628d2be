import Foundation
import HTTP

/// Asks one server about one video until there is an answer to keep: the only
/// loop that tries again.
struct ChatRetryLoop: Sendable {
  let server: ChatServer
  let dialect: ChatDialect
  let policy: RetryPolicy
  let identity: DescriberIdentity

  /// What one try came to.
  private enum Verdict {
    case accepted(Description)
    /// Ask again at once, without these fields.
    case otherDialect(omitting: Set<String>)
    case retry(reason: String, retryAfter: Double?, unreachable: Bool)
    case failed(DescriptionError)
  }

  /// - Throws: `DescriptionError`, `CancellationError`, or what the recorder throws.
  func ask(_ body: ChatRequestBody, about video: String, recorder: (any AttemptRecorder)?)
    async throws -> Description
  {
    var attempts = 0
    var omitted = dialect.omittedFields
    while true {
      try Task.checkCancellation()
      switch try await attempt(body, omitting: omitted, about: video, recorder: recorder) {
      case .accepted(let description):
        dialect.learn(omitted)
        return description
      case .otherDialect(let fields): omitted = fields
      case .failed(let error): throw error
      case .retry(let reason, let retryAfter, let unreachable):
        attempts += 1
        guard attempts < policy.maximumAttempts else {
          throw unreachable
            ? DescriptionError.serverUnreachable(endpoint: server.endpoint.base, reason: reason)
            : DescriptionError.gaveUp(
              video: video, endpoint: server.endpoint.base, attempts: attempts, reason: reason)
        }
        if let retryAfter, retryAfter > policy.retryAfterCeilingSeconds {
          throw DescriptionError.askedToWait(
            video: video, endpoint: server.endpoint.base, seconds: retryAfter)
        }
        try await policy.sleep(
          policy.waitSeconds(afterAttempts: attempts, retryAfter: retryAfter))
      }
    }
  }

  private func attempt(
    _ body: ChatRequestBody, omitting omitted: Set<String>, about video: String,
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
      let response = try await server.complete(body.encoded(omitting: omitted))
      var outcome = AttemptOutcome(
        status: .failed, latencySeconds: response.timings.totalSeconds,
        firstByteSeconds: response.timings.firstByteSeconds, httpStatus: response.head.status)
      let verdict = judge(response, video: video, omitted: omitted, outcome: &outcome)
      try await record(outcome)
      return verdict
    } catch let failure as NetworkFailure {
      try await record(
        AttemptOutcome(
          status: .failed, latencySeconds: seconds(since: started), error: failure.reason))
      guard failure.isRetryable else {
        return .failed(.serverUnreachable(endpoint: server.endpoint.base, reason: failure.reason))
      }
      return .retry(
        reason: failure.reason, retryAfter: nil, unreachable: failure.serverWasNotReached)
    } catch is CancellationError {
      try await record(
        AttemptOutcome(
          status: .cancelled, latencySeconds: seconds(since: started), error: "interrupted"))
      throw CancellationError()
    }
  }

  private func judge(
    _ response: HTTPResponse, video: String, omitted: Set<String>, outcome: inout AttemptOutcome
  ) -> Verdict {
    let endpoint = server.endpoint.base
    let status = response.head.status
    guard status == 200 else {
      let reason = ChatAnswer.errorText(in: response.body)
      outcome.error = reason
      if let fields = dialect.fieldsToOmit(refusal: reason, status: status, sent: omitted) {
        return .otherDialect(omitting: fields)
      }
      if RetryPolicy.isRetryable(status: status) {
        return .retry(
          reason: "HTTP \(status): \(reason)",
          retryAfter: RetryAfter.seconds(in: response.head, now: Date()), unreachable: false)
      }
      return .failed(
        status == 401 || status == 403
          ? .unauthorized(endpoint: endpoint, status: status)
          : .refused(video: video, endpoint: endpoint, status: status, reason: reason))
    }
    guard let answer = try? JSONDecoder().decode(ChatAnswer.self, from: response.body),
      answer.hasChoice
    else {
      let reason = "not a chat answer: \(ChatAnswer.errorText(in: response.body))"
      outcome.error = reason
      return .retry(reason: reason, retryAfter: nil, unreachable: false)
    }
    outcome.promptTokens = answer.promptTokens
    outcome.completionTokens = answer.completionTokens
    outcome.finishReason = answer.finishReason
    let text = (answer.text ?? "").trimmingCharacters(in: .whitespacesAndNewlines)
    if let problem = problem(with: answer, text: text) {
      // The same question at temperature 0 would get the same answer.
      outcome.error = problem
      return .failed(.unusableAnswer(video: video, endpoint: endpoint, reason: problem))
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
