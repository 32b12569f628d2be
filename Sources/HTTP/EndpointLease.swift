/// How a pool treats its endpoints.
public struct EndpointPoolOptions: Sendable {
  public var concurrency: ConcurrencyRule
  /// After this many consecutive failures an endpoint pauses.
  public var failuresBeforeCooldown: Int
  /// The first pause of a failing endpoint; it doubles up to the cap.
  public var cooldownBaseSeconds: Double
  public var cooldownCapSeconds: Double
  /// How long to wait for lost servers when there is no other.
  public var patienceSeconds: Double
  /// The longest pause between two probes of a lost server.
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

  /// The pause after this many consecutive failures.
  func cooldownSeconds(failures: Int) -> Double {
    let doublings = min(30, failures - failuresBeforeCooldown)
    return min(cooldownCapSeconds, cooldownBaseSeconds * Double(1 << max(0, doublings)))
  }
}

/// The right to one exchange with one endpoint of an `EndpointPool`, until `release`.
public struct EndpointLease: Sendable {
  /// The endpoint's place in the pool.
  public let index: Int
  /// The model that it serves.
  public let model: String
  /// Whether nothing else may run at the endpoint meanwhile.
  let isAlone: Bool
  let number: Int
  /// How often the endpoint had been lost when the exchange began.
  let losses: Int
}

/// How an exchange ended, as far as the endpoint is concerned.
public enum ExchangeOutcome: Sendable, Equatable {
  /// With an answer, usable or not.
  case answered(seconds: Double, outputTokens: Int?)
  /// With a refusal of this request.
  case refused
  /// The endpoint is overloaded; it may report for how long.
  case busy(retryAfterSeconds: Double?)
  /// Because of the endpoint: an error, a broken connection, no answer.
  case failed
  /// This program cancelled it.
  case cancelled
}

/// The changes of an endpoint's state during a run.
public enum EndpointEvent: Sendable, Equatable {
  /// It no longer answers; its requests are sent again.
  case lost(endpoint: String, reason: String)
  /// It answers again.
  case back(endpoint: String, afterSeconds: Double)
  /// It pauses, after too many consecutive failures or because it asked to.
  case cooling(endpoint: String, seconds: Double)
}

/// The state of an endpoint.
public struct EndpointState: Codable, Sendable, Equatable {
  public enum Standing: String, Codable, Sendable {
    case ready, cooling, lost
  }

  /// The base URL.
  public let endpoint: String
  /// The model that it serves; nil before its first answer.
  public let model: String?
  public let standing: Standing
  /// Requests in flight.
  public let outstanding: Int
  /// How many requests may be in flight at once.
  public let limit: Int
}
