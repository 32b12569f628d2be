import Foundation

/// Tries an exchange until there is an answer to keep: the only loop that tries
/// again, for chat and for embeddings.
public struct RetryLoop: Sendable {
  /// What one try came to.
  public enum Verdict<Answer: Sendable>: Sendable {
    case accepted(Answer)
    /// Ask again at once in other words, which the next try finds by itself. It
    /// does not count; who answers so sees to it that the words run out.
    case reworded
    /// The server was lost under the request, which is not to blame: ask again as
    /// soon as there is a server. It does not count; who answers so sees to it that
    /// it ends.
    case requeued
    /// It may pass: ask again after a pause.
    case retry(reason: String, retryAfter: Double?, serverWasReached: Bool)
    /// The server is busy: ask again after a pause, for as long as the patience lasts.
    case busy(reason: String, retryAfter: Double?)
    case failed(ServerFailure)

    /// The verdict on an exchange without a whole answer.
    public static func on(_ failure: NetworkFailure) -> Verdict {
      failure.isRetryable
        ? .retry(
          reason: failure.reason, retryAfter: nil,
          serverWasReached: !failure.serverWasNotReached)
        : .failed(.unreachable(reason: failure.reason))
    }

    /// The verdict on an answer whose status is not 200.
    public static func on(refusal response: HTTPResponse) -> Verdict {
      let status = response.head.status
      let reason = "HTTP \(status): \(response.errorText)"
      let retryAfter = RetryAfter.seconds(in: response.head, now: Date())
      if RetryPolicy.isBusy(status: status) {
        return .busy(reason: reason, retryAfter: retryAfter)
      }
      if RetryPolicy.isRetryable(status: status) {
        return .retry(reason: reason, retryAfter: retryAfter, serverWasReached: true)
      }
      return .failed(
        status == 401 || status == 403
          ? .unauthorized(status: status)
          : .refused(status: status, reason: response.errorText))
    }
  }

  public let policy: RetryPolicy

  public init(policy: RetryPolicy) {
    self.policy = policy
  }

  /// The accepted answer of the first try that has one.
  ///
  /// - Throws: `ServerFailure`, `CancellationError`, or what `attempt` throws.
  public func run<Answer: Sendable>(
    _ attempt: () async throws -> Verdict<Answer>
  ) async throws -> Answer {
    // Waiting for a busy server takes nothing from the tries that a fault has.
    var faults = 0
    var busyTries = 0
    var busySeconds = 0.0
    func pause(after tries: Int, _ retryAfter: Double?) async throws -> Double {
      if let retryAfter, retryAfter > policy.retryAfterCeilingSeconds {
        throw ServerFailure.askedToWait(seconds: retryAfter)
      }
      let seconds = policy.waitSeconds(afterAttempts: tries, retryAfter: retryAfter)
      try await policy.sleep(seconds)
      return seconds
    }
    while true {
      try Task.checkCancellation()
      switch try await attempt() {
      case .accepted(let answer): return answer
      case .reworded, .requeued: continue
      case .failed(let failure): throw failure
      case .busy(let reason, let retryAfter):
        busyTries += 1
        guard busyTries < policy.maximumAttempts || busySeconds < policy.busyPatienceSeconds else {
          throw ServerFailure.gaveUp(attempts: faults + busyTries, reason: reason)
        }
        busySeconds += try await pause(after: busyTries, retryAfter)
      case .retry(let reason, let retryAfter, let serverWasReached):
        faults += 1
        guard faults < policy.maximumAttempts else {
          throw serverWasReached
            ? ServerFailure.gaveUp(attempts: faults + busyTries, reason: reason)
            : ServerFailure.unreachable(reason: reason)
        }
        _ = try await pause(after: faults, retryAfter)
      }
    }
  }
}
