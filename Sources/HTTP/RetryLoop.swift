import Foundation

/// The rules of `RetryLoop`: what is retried, how often and after how long.
public struct RetryPolicy: Sendable {
  /// Attempts for one request, the first included. Attempts that found the server busy
  /// are not counted here.
  public var maximumAttempts: Int
  /// The wait before try n is uniform between 0 and `baseSeconds` times 2^(n-2),
  /// at most `capSeconds`: full jitter, so that clients that failed together do
  /// not come back together.
  public var baseSeconds: Double
  public var capSeconds: Double
  /// How long to wait in all for a server that reports it is busy (429, 502, 503),
  /// whatever the number of attempts.
  public var busyPatienceSeconds: Double
  /// The loop gives up where a server asks for a longer wait than this.
  public var retryAfterCeilingSeconds: Double
  /// Uniform in [0, 1).
  public var jitter: @Sendable () -> Double
  /// Waits; throws `CancellationError` when the task is cancelled.
  public var sleep: @Sendable (_ seconds: Double) async throws -> Void

  public init(
    maximumAttempts: Int = 5, baseSeconds: Double = 0.5, capSeconds: Double = 30,
    busyPatienceSeconds: Double = 300, retryAfterCeilingSeconds: Double = 120,
    jitter: @escaping @Sendable () -> Double = { .random(in: 0..<1) },
    sleep: @escaping @Sendable (_ seconds: Double) async throws -> Void = {
      try await Task.sleep(for: .seconds($0))
    }
  ) {
    self.maximumAttempts = maximumAttempts
    self.baseSeconds = baseSeconds
    self.capSeconds = capSeconds
    self.busyPatienceSeconds = busyPatienceSeconds
    self.retryAfterCeilingSeconds = retryAfterCeilingSeconds
    self.jitter = jitter
    self.sleep = sleep
  }

  /// Whether an HTTP status is worth another attempt: 408, 409, 425, 429 and all of
  /// 500 to 599.
  public static func isRetryable(status: Int) -> Bool {
    [408, 409, 425, 429].contains(status) || (500..<600).contains(status)
  }

  /// Whether an HTTP status blames the server, not the request: too many requests, a bad
  /// gateway, or a server that is starting.
  public static func isBusy(status: Int) -> Bool { [429, 502, 503].contains(status) }

  /// The wait after `attempts` attempts: the server's own, else the jittered one.
  public func waitSeconds(afterAttempts attempts: Int, retryAfter: Double?) -> Double {
    let jittered = jitter() * min(capSeconds, baseSeconds * Double(1 << min(30, attempts - 1)))
    guard let retryAfter else { return jittered }
    // Jitter on top, so that clients that got the same time do not come back together.
    return retryAfter + min(jittered, baseSeconds)
  }
}

/// The pause that a server asks for.
package enum RetryAfter {
  /// The seconds in `retry-after-ms` (milliseconds) or `Retry-After` (seconds, or
  /// one of HTTP's three forms of a date); nil where neither can be read. Never
  /// negative.
  package static func seconds(in head: HTTPHead, now: Date) -> Double? {
    if let text = head["retry-after-ms"], let value = Double(text), value.isFinite, value >= 0 {
      return value / 1000
    }
    guard let text = head["retry-after"] else { return nil }
    if let value = Double(text) { return value.isFinite && value >= 0 ? value : nil }
    for format in [
      "EEE, dd MMM yyyy HH:mm:ss zzz", "EEEE, dd-MMM-yy HH:mm:ss zzz", "EEE MMM d HH:mm:ss yyyy",
    ] {
      let formatter = DateFormatter()
      formatter.locale = Locale(identifier: "en_US_POSIX")
      formatter.timeZone = TimeZone(secondsFromGMT: 0)
      formatter.dateFormat = format
      if let date = formatter.date(from: text) { return max(0, date.timeIntervalSince(now)) }
    }
    return nil
  }
}

/// Repeats an exchange until there is a usable answer: the only retry loop, for chat
/// and for embeddings.
public struct RetryLoop: Sendable {
  /// The result of one attempt.
  public enum Verdict<Answer: Sendable>: Sendable {
    case accepted(Answer)
    /// Ask again at once in other words, which the next attempt chooses. Not counted
    /// as a retry. Callers must guarantee that rewording ends.
    case reworded
    /// The server was lost, and the request is not the cause: ask again as soon as there
    /// is a server. Not counted as a retry. Callers must guarantee that this ends.
    case requeued
    /// A fault that may pass: ask again after a pause.
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
      on(ServerRefusal(response))
    }

    /// The verdict on a refusal, by its status.
    public static func on(_ refusal: ServerRefusal) -> Verdict {
      let status = refusal.status
      let reason = "HTTP \(status): \(refusal.words)"
      if RetryPolicy.isBusy(status: status) {
        return .busy(reason: reason, retryAfter: refusal.retryAfterSeconds)
      }
      if RetryPolicy.isRetryable(status: status) {
        return .retry(
          reason: reason, retryAfter: refusal.retryAfterSeconds, serverWasReached: true)
      }
      return .failed(
        status == 401 || status == 403
          ? .unauthorized(status: status) : .refused(status: status, reason: refusal.words))
    }
  }

  public let policy: RetryPolicy

  public init(policy: RetryPolicy) {
    self.policy = policy
  }

  /// The answer of the first attempt that has a usable one.
  ///
  /// - Throws: `ServerFailure`, `CancellationError`, or what `attempt` throws.
  public func run<Answer: Sendable>(
    _ attempt: () async throws -> Verdict<Answer>
  ) async throws -> Answer {
    // Waiting for a busy server does not use up the attempts that faults have.
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
