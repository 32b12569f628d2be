/// How the frames of videos are encoded: in what batches, and which of them not.
public struct FrameEncoding: Sendable {
  /// A batch of this size goes although it has few pictures: eight frames of 1080p, for
  /// encoders that prepare nothing here.
  static let mostBatchBytes = 48 << 20

  /// Pictures encoded together, at most.
  public var batchSize: Int
  /// Where embeddings are looked for first, and kept.
  public var cache: EmbeddingCache?
  /// Which frames take the embedding of the last one encoded; nil for none.
  public var skipping: StaticFrameRule?

  public init(
    batchSize: Int = 32, cache: EmbeddingCache? = nil, skipping: StaticFrameRule? = nil
  ) {
    self.batchSize = max(1, batchSize)
    self.cache = cache
    self.skipping = skipping
  }
}
