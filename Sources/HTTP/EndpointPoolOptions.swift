/// The rules by which a pool treats its endpoints.
public struct EndpointPoolOptions: Sendable {
  public var concurrency: ConcurrencyRule
  /// After so many failures in a row an endpoint is left alone for a while.
  public var failuresBeforeCooldown: Int
  /// The first pause of an endpoint that fails; it doubles up to the cap.
  public var cooldownBaseSeconds: Double
  public var cooldownCapSeconds: Double
  /// How long a lost server is waited for, when there is no other.
  public var patienceSeconds: Double
  /// The longest pause between two looks at a lost server.
  public var probeCapSeconds: Double
  /// Waits; throws `CancellationError` when the task is cancelled.
  public var sleep: @Sendable (_ seconds: Double) async throws -> Void
  public var onEvent: @Sendable (EndpointEvent) -> Void

  public init(
    concurrency: ConcurrencyRule = .automatic, failuresBeforeCooldown: Int = 3,
    cooldownBaseSeconds: Double = 1, cooldownCapSeconds: Double = 60,
    patienceSeconds: Double = 600, probeCapSeconds: Double = 15,
    sleep: @escaping @Sendable (_ seconds: Double) async throws -> Void = {
      try await Task.sleep(for: .seconds($0))
    },
    onEvent: @escaping @Sendable (EndpointEvent) -> Void = { _ in }
  ) {
    self.concurrency = concurrency
    self.failuresBeforeCooldown = max(1, failuresBeforeCooldown)
    self.cooldownBaseSeconds = cooldownBaseSeconds
    self.cooldownCapSeconds = cooldownCapSeconds
    self.patienceSeconds = patienceSeconds
    self.probeCapSeconds = probeCapSeconds
    self.sleep = sleep
    self.onEvent = onEvent
  }

  /// The pause after so many failures in a row.
  func cooldownSeconds(failures: Int) -> Double {
    let doublings = min(30, failures - failuresBeforeCooldown)
    return min(cooldownCapSeconds, cooldownBaseSeconds * Double(1 << max(0, doublings)))
  }
}
