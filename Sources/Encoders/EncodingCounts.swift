/// How the embeddings of a video's frames came about: in every selection's record.
public struct EncodingCounts: Codable, Sendable, Equatable {
  /// Pictures that went through the encoder.
  public var encoded = 0
  /// Embeddings found in the cache.
  public var cached = 0
  /// Frames that had not changed and took the last one's embedding.
  public var reused = 0

  /// By which rule frames count as unchanged; absent where none was in force.
  public var skipping: StaticFrameRule?

  public init(
    encoded: Int = 0, cached: Int = 0, reused: Int = 0, skipping: StaticFrameRule? = nil
  ) {
    self.encoded = encoded
    self.cached = cached
    self.reused = reused
    self.skipping = skipping
  }
}
