import Foundation
import HTTP
import Records
import Workspaces

/// Asks the endpoints of a pool about one video until there is an answer to keep. It adds to
/// the HTTP room's `RetryLoop` what is particular to chats.
struct ChatRetryLoop: Sendable {
  let pool: EndpointPool
  let servers: [ChatServer]
  let policy: RetryPolicy
  let checks: AnswerChecks
  let isStreamed: Bool

  /// A request under which this many servers were lost is not sent again.
  static let quarantineLosses = 2

  typealias Verdict = RetryLoop.Verdict<Description>

  /// The state of one question between its attempts.
  struct Progress {
    var losses: Int
    var lastEndpoint: Int?
    /// The fields that each endpoint is not sent, once it refused some.
    var omitted: [Int: Set<String>] = [:]
    var sampling: SamplingParameters
    var variations = 0
    /// The best answer with a finding so far.
    var kept: KeptAnswer?
    /// What helps against the last answer that was rejected.
    var remedy = AnswerRemedy.askOtherwise
  }

  /// A usable answer that is asked for again because of a finding.
  struct KeptAnswer {
    let description: Description
    /// Its attempt, as succeeded: stored if no better answer comes.
    let attempt: LedgerAttempt
  }

  /// - Throws: `DescriptionError`, `CancellationError`, or the recorder's error.
  func ask(_ question: ChatQuestion, recorder: AttemptRecorder?) async throws -> Description {
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
      if case .unusableAnswer(let reason) = failure {
        throw DescriptionError.unusableAnswer(
          video: question.videoID, endpoint: endpoint, reason: reason, remedy: progress.remedy)
      }
      throw DescriptionError(failure, endpoint: endpoint, video: question.videoID)
    } catch let error as DescriptionError {
      if let kept = progress.kept { return try await accept(kept, recorder) }
      throw error
    }
  }

  /// Accepts the answer that was kept, because asking again brought no better one.
  private func accept(_ kept: KeptAnswer, _ recorder: AttemptRecorder?) async throws
    -> Description
  {
    try await recorder?.end(kept.attempt)
    return kept.description
  }

  private func attempt(
    _ question: ChatQuestion, _ progress: inout Progress, _ recorder: AttemptRecorder?
  ) async throws -> Verdict {
    // A request that may have ended a server is sent alone, so that the next loss proves it.
    let lease = try await pool.acquire(
      alone: progress.losses > 0, avoiding: progress.lastEndpoint)
    let chat = servers[lease.index]
    let endpoint = chat.server.endpoint.base
    progress.lastEndpoint = lease.index
    let omitted = progress.omitted[lease.index] ?? chat.dialect.omittedFields
    let fields = progress.sampling.requestFields(
      schema: question.schema, isStreamed: isStreamed)
    let body: Data
    var attempt: LedgerAttempt
    do {
      body = try question.body.encoded(
        model: lease.model, fields: fields,
        omitting: omitted)
      attempt =
        try await recorder?.begin(endpoint: endpoint, omittedFields: omitted.sorted())
        ?? LedgerAttempt(
          videoID: question.videoID, requestKey: nil, stage: .describe, endpoint: endpoint)
      if progress.variations > 0 {
        attempt.variation = String(
          decoding: try JSONRecord.encode(progress.sampling, pretty: false), as: UTF8.self)
      }
    } catch {
      await pool.release(lease, .cancelled)
      throw error
    }
    let exchange = ChatExchange(server: chat.server) { text in
      TextRepetition.endsInLoop(text) ? TextRepetition.finding(in: text) : nil
    }
    let (reply, times) = await exchange.send(body)
    attempt.status = .failed
    attempt.latencySeconds = times.totalSeconds
    attempt.firstByteSeconds = times.firstByteSeconds
    attempt.expectedPromptTokens = question.expected?.tokens
    let isLost = mayBeLost(reply) ? await pool.isLost(lease) : false
    await pool.release(lease, Self.outcome(of: reply, times))
    let verdict: Verdict
    if isLost {
      verdict = requeue(reply, &progress, &attempt)
    } else {
      verdict = judge(
        reply, question, at: lease, asked: fields.map(\.name), omitted: omitted,
        bytes: body.count, &progress, &attempt)
    }
    try await recorder?.end(attempt)
    if case .cancelled = reply { throw CancellationError() }
    if progress.losses >= Self.quarantineLosses {
      throw DescriptionError.quarantined(video: question.videoID, losses: progress.losses)
    }
    // Another endpoint need not wait as long as this one asks.
    if case .busy(let reason, .some) = verdict, await pool.hasAlternative(to: lease) {
      return .busy(reason: reason, retryAfter: nil)
    }
    return verdict
  }

  /// Whether a reply can mean that the whole server is gone.
  private func mayBeLost(_ reply: ChatExchange.Reply) -> Bool {
    switch reply {
    case .broken(let failure): failure.isRetryable
    case .refusal(let refusal):
      [500, 502, 503, 504].contains(refusal.status) && !RequestRefusal.isFinal(refusal)
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
    case .refusal(let refusal):
      if RetryPolicy.isBusy(status: refusal.status) {
        return .busy(retryAfterSeconds: refusal.retryAfterSeconds)
      }
      return RequestRefusal.isFinal(refusal) ? .refused : .failed
    case .malformed, .broken: return .failed
    case .cancelled: return .cancelled
    }
  }

  /// Queues a request again, elsewhere or later, because its server was lost.
  private func requeue(
    _ reply: ChatExchange.Reply, _ progress: inout Progress, _ attempt: inout LedgerAttempt
  ) -> Verdict {
    switch reply {
    case .broken(let failure):
      attempt.error = failure.reason
      // A request that never arrived cannot have ended the server.
      attempt.cause = failure.serverWasNotReached ? .network : .serverLost
      if !failure.serverWasNotReached { progress.losses += 1 }
    case .malformed(let reason):
      attempt.error = reason
      attempt.cause = .serverLost
      progress.losses += 1
    case .refusal(let refusal):
      attempt.error = refusal.words
      attempt.httpStatus = refusal.status
      attempt.cause = .busy
    case .answer, .stopped, .cancelled: break
    }
    return .requeued
  }
}
