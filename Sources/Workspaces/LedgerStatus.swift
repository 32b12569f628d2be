import Foundation

/// How far a ledger's videos are, and how fast it goes.
public struct LedgerStatus: Codable, Sendable, Equatable {
  /// One server, or what runs in the process.
  public struct Endpoint: Codable, Sendable, Equatable {
    /// The server's base URL; nil for what runs in the process.
    public var endpoint: String?
    /// Requests that a living process waits for.
    public var inFlight: Int
    public var succeeded: Int
    public var failed: Int
    /// Successes of the last minutes, a minute.
    public var answersPerMinute: Double
    /// Tokens that the model wrote in the last minutes, a second.
    public var outputTokensPerSecond: Double
    /// Mean over the successes of the last minutes; nil where there are none.
    public var latencySeconds: Double?
    /// What went wrong last; nil where its last try succeeded.
    public var lastError: String?
  }

  /// Videos that the ledger knows, of the split.
  public var videos: Int
  /// With the answer to what is asked about them now.
  public var described: Int
  /// Without it, but with the description of an earlier question (another prompt, model
  /// or sampling); they are counted by what follows too.
  public var describedEarlier: Int
  /// Without it, and their last try to come to an end failed.
  public var failed: Int
  /// Without it, claimed by a living process.
  public var inWork: Int
  /// The rest.
  public var waiting: Int
  /// Tokens that servers counted in all successes.
  public var promptTokens: Int
  public var outputTokens: Int
  /// The span that rates are taken over, seconds up to now; 0 where nothing
  /// succeeded in it.
  public var rateSeconds: Double
  /// Successes in that span, a minute.
  public var itemsPerMinute: Double
  /// For what is waiting and in work, at that rate; nil without a rate.
  public var secondsLeft: Double?
  public var endpoints: [Endpoint]

  /// The longest span that rates are taken over.
  public static let longestRateSeconds = 300.0
}
