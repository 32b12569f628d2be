/// What was found out about an endpoint before a run.
public struct PreflightReport: Codable, Sendable, Equatable {
  /// The base URL.
  public let endpoint: String
  public let model: String
  /// The most tokens of a question and its answer, where the server says so.
  public let contextTokens: Int?
  /// How many images one request was accepted with.
  public let images: Int
  /// The family whose rule the counted image tokens follow; nil where the server does
  /// not count, or counts by no known rule.
  public let family: String?
  /// What the prompt's text costs; nil where nothing can be predicted.
  public let cost: PromptCost?
  /// How that was found out; nil without it.
  public let costSource: CostSource?
  /// Whether the tokenizer that is at hand agrees with that; nil without either.
  public let tokenizerAgrees: Bool?
  /// Sampling fields that the server refuses, and does without.
  public let omittedFields: [String]
  /// What the user should know.
  public let warnings: [String]

  /// How the cost of a text is found out.
  public enum CostSource: String, Codable, Sendable {
    /// The server's `/tokenize` lists the tokens.
    case tokenize
    /// From the prompt tokens of small requests with and without images.
    case requests
  }
}
