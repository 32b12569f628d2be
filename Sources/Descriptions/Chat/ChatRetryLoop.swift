import Foundation
import HTTP
import Records
import Workspaces

/// Asks the endpoints of a pool about one video until there is an answer to keep:
/// what the HTTP room's `RetryLoop` needs to know of chat.
struct ChatRetryLoop: Sendable {
  let pool: EndpointPool
  let servers: [ChatServer]
  let policy: RetryPolicy
  let checks: AnswerChecks
  let isStreamed: Bool

  /// A request under which so many servers were lost is not sent again.
  static let quarantineLosses = 2

  typealias Verdict = RetryLoop.Verdict<Description>

  /// Where one question stands between its tries.
  struct Progress {
    var losses: Int
    var lastEndpoint: Int?
    /// What each endpoint is asked without, once it refused something.
    var omitted: [Int: Set<String>] = [:]
    var sampling: SamplingParameters
    var variations = 0
    /// The recorder's number of the try under way.
    var attempt: Int64?
    /// The best answer with a finding so far.
    var kept: KeptAnswer?
  }

  /// An answer that can be used, and is asked for again because of a finding.
  struct KeptAnswer {
    let description: Description
    let attempt: Int64?
    /// How its try ends where nothing better comes.
    let outcome: AttemptOutcome
  }

  /// - Throws: `DescriptionError`, `CancellationError`, or what the recorder throws.
  func ask(_ question: ChatQuestion, recorder: (any AttemptRecorder)?) async throws -> Description {
    var progress = Progress(losses: question.lossesBefore, sampling: question.sampling)
    guard progress.losses < Self.quarantineLosses else {
      throw DescriptionError.quarantined(video: question.videoID, losses: progress.losses)
    }
    do {
      return try await RetryLoop(policy: policy).run {
        try await attempt(question, &progress, recorder)
      }
    } catch let failure as ServerFailure {
      if let kept = progress.kept { return try await accept(kept, recorder) }
      let endpoint = servers[progress.lastEndpoint ?? 0].server.endpoint.base
      throw DescriptionError(failure, endpoint: endpoint, video: question.videoID)
    } catch let error as DescriptionError {
      if let kept = progress.kept { return try await accept(kept, recorder) }
      throw error
    }
  }

  /// Asking again came to nothing: what there was is still an answer.
  private func accept(_ kept: KeptAnswer, _ recorder: (any AttemptRecorder)?) async throws
    -> Description
  {
    if let number = kept.attempt { try await recorder?.ended(number, kept.outcome) }
    return kept.description
  }

  private func attempt(
    _ question: ChatQuestion, _ progress: inout Progress, _ recorder: (any AttemptRecorder)?
  ) async throws -> Verdict {
    // Who may have ended a server is asked alone, so that the next loss tells.
    let lease = try await pool.acquire(
      alone: progress.losses > 0, avoiding: progress.lastEndpoint)
    let chat = servers[lease.index]
    progress.lastEndpoint = lease.index
    let omitted = progress.omitted[lease.index] ?? chat.dialect.omittedFields
    let fields = progress.sampling.requestFields(
      schema: question.schema, isStreamed: isStreamed)
    let body: Data
    do {
      body = try question.body.encoded(
        model: lease.model, fields: fields,
        omitting: omitted)
      progress.attempt = try await recorder?.began(
        endpoint: chat.server.endpoint.base, omittedFields: omitted.sorted())
    } catch {
      await pool.release(lease, .cancelled)
      throw error
    }
    let exchange = ChatExchange(server: chat.server) { text in
      TextRepetition.endsInLoop(text) ? "repeats itself: \(text.suffix(80))" : nil
    }
    let (reply, times) = await exchange.send(body)
    var outcome = AttemptOutcome(
      status: .failed, latencySeconds: times.totalSeconds,
      firstByteSeconds: times.firstByteSeconds)
    outcome.expectedPromptTokens = question.expected?.tokens
    if progress.variations > 0 { outcome.variation = progress.sampling }
    let isLost = mayBeLost(reply) ? await pool.isLost(lease) : false
    await pool.release(lease, Self.outcome(of: reply, times))
    let verdict: Verdict
    if isLost {
      verdict = requeue(reply, &progress, &outcome)
    } else {
      verdict = judge(
        reply, question, at: lease, asked: fields.map(\.name), omitted: omitted, &progress,
        &outcome)
    }
    if let number = progress.attempt { try await recorder?.ended(number, outcome) }
    if case .cancelled = reply { throw CancellationError() }
    if progress.losses >= Self.quarantineLosses {
      throw DescriptionError.quarantined(video: question.videoID, losses: progress.losses)
    }
    // Another endpoint need not wait for what this one asked for.
    if case .busy(let reason, .some) = verdict, await pool.hasAlternative(to: lease) {
      return .busy(reason: reason, retryAfter: nil)
    }
    return verdict
  }

  /// Whether a reply can mean that the whole server is gone.
  private func mayBeLost(_ reply: ChatExchange.Reply) -> Bool {
    switch reply {
    case .broken(let failure): failure.isRetryable
    case .refusal(let response): [500, 502, 503, 504].contains(response.head.status)
    case .malformed: true
    case .answer, .stopped, .cancelled: false
    }
  }

  private static func outcome(of reply: ChatExchange.Reply, _ times: ChatExchange.Times)
    -> ExchangeOutcome
  {
    switch reply {
    case .answer(let answer):
      return .answered(seconds: times.totalSeconds, outputTokens: answer.completionTokens)
    case .stopped: return .answered(seconds: times.totalSeconds, outputTokens: nil)
    case .refusal(let response):
      let status = response.head.status
      if RetryPolicy.isBusy(status: status) {
        return .busy(
          retryAfterSeconds: RetryAfter.seconds(in: response.head, now: Date()))
      }
      return RetryPolicy.isRetryable(status: status) ? .failed : .refused
    case .malformed, .broken: return .failed
    case .cancelled: return .cancelled
    }
  }

  /// The server was lost under the request: it is asked again elsewhere or later.
  private func requeue(
    _ reply: ChatExchange.Reply, _ progress: inout Progress, _ outcome: inout AttemptOutcome
  ) -> Verdict {
    switch reply {
    case .broken(let failure):
      outcome.error = failure.reason
      // A request that never arrived ended nothing.
      outcome.cause = failure.serverWasNotReached ? .network : .serverLost
      if !failure.serverWasNotReached { progress.losses += 1 }
    case .malformed(let reason):
      outcome.error = reason
      outcome.cause = .serverLost
      progress.losses += 1
    case .refusal(let response):
      outcome.error = response.errorText
      outcome.httpStatus = response.head.status
      outcome.cause = .busy
    case .answer, .stopped, .cancelled: break
    }
    return .requeued
  }
}
