/// The one retry loop's rules: what is tried again, how often and after how long.
public struct RetryPolicy: Sendable {
  /// Tries for one request, the first included; those that found the server busy are
  /// counted by themselves.
  public var maximumAttempts: Int
  /// The wait before try n is uniform between 0 and `baseSeconds` times 2^(n-2),
  /// at most `capSeconds`: full jitter, so that clients that failed together do
  /// not come back together.
  public var baseSeconds: Double
  public var capSeconds: Double
  /// How long in all a server that says it is busy (429, 502, 503) is waited for,
  /// however many tries that takes.
  public var busyPatienceSeconds: Double
  /// A server that asks for a longer wait than this is not waited for.
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

  /// Whether an HTTP status is worth another try: 408, 409, 425, 429 and all of
  /// 500 to 599.
  public static func isRetryable(status: Int) -> Bool {
    [408, 409, 425, 429].contains(status) || (500..<600).contains(status)
  }

  /// Whether an HTTP status says that the server, not the request, is at its end:
  /// too many requests, a bad gateway, or a server that starts.
  public static func isBusy(status: Int) -> Bool { [429, 502, 503].contains(status) }

  /// The wait after `attempts` tries: what the server asks for, else the jittered one.
  public func waitSeconds(afterAttempts attempts: Int, retryAfter: Double?) -> Double {
    let jittered = jitter() * min(capSeconds, baseSeconds * Double(1 << min(30, attempts - 1)))
    guard let retryAfter else { return jittered }
    // Jitter on top, so that all who were told the same moment do not meet there.
    return retryAfter + min(jittered, baseSeconds)
  }
}
