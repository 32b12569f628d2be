/// The right to one exchange with one endpoint of an `EndpointPool`; given back by
/// `release`.
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
  /// With an answer, whatever it is worth.
  case answered(seconds: Double, outputTokens: Int?)
  /// With a refusal of this request.
  case refused
  /// The endpoint has too much to do; it may say for how long.
  case busy(retryAfterSeconds: Double?)
  /// By the endpoint's doing: an error, a broken connection, silence.
  case failed
  /// It was broken off here.
  case cancelled
}

/// What happens to an endpoint while a run goes on.
public enum EndpointEvent: Sendable, Equatable {
  /// It does not answer any more; what was under way there is asked again.
  case lost(endpoint: String, reason: String)
  /// It answers again.
  case back(endpoint: String, afterSeconds: Double)
  /// It failed too often in a row, or asked for it, and is left alone for a while.
  case cooling(endpoint: String, seconds: Double)
}

/// How an endpoint stands.
public struct EndpointState: Codable, Sendable, Equatable {
  public enum Standing: String, Codable, Sendable {
    case ready, cooling, lost
  }

  /// The base URL.
  public let endpoint: String
  /// The model that it serves; nil before it has answered for the first time.
  public let model: String?
  public let standing: Standing
  /// Requests under way.
  public let outstanding: Int
  /// How many may be under way at once.
  public let limit: Int
}
