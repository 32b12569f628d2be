/// What decides a text encoder's vectors beside its weights: part of every key
/// under which vectors are kept.
public struct TextEncoderTraits: Codable, Sendable, Hashable {
  /// SHA-256 of the tokenizer's files; nil where there are none at hand.
  public var tokenizerHash: String?
  /// How token outputs become one vector: `mean`, `cls`, `end-token`, or the
  /// encoder's own way.
  public var pooling: String
  /// Whether the encoder itself brings vectors to length 1.
  public var isNormalized: Bool
  /// The most tokens of one text; nil where there is no limit, or none is known.
  public var maximumTokens: Int?

  public init(
    tokenizerHash: String? = nil, pooling: String, isNormalized: Bool = false,
    maximumTokens: Int? = nil
  ) {
    self.tokenizerHash = tokenizerHash
    self.pooling = pooling
    self.isNormalized = isNormalized
    self.maximumTokens = maximumTokens
  }
}
