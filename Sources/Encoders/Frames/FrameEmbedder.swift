import Records
import Tensors
import Video

/// How the frames of videos are encoded: the batches, the cache and the skipping.
public struct FrameEncoding: Sendable {
  /// A batch of this size is encoded even with few pictures: eight frames of 1080p, for
  /// encoders that prepare nothing here.
  static let mostBatchBytes = 48 << 20

  /// The most pictures per batch.
  public var batchSize: Int
  /// The cache that is searched first and filled.
  public var cache: EmbeddingCache?
  /// Which frames reuse the last encoded embedding; nil for none.
  public var skipping: StaticFrameRule?

  public init(
    batchSize: Int = 32, cache: EmbeddingCache? = nil, skipping: StaticFrameRule? = nil
  ) {
    self.batchSize = max(1, batchSize)
    self.cache = cache
    self.skipping = skipping
  }
}

/// The origins of the embeddings of a video's frames, for every selection's record.
public struct EncodingCounts: Codable, Sendable, Equatable {
  /// Pictures that went through the encoder.
  public var encoded = 0
  /// Embeddings found in the cache.
  public var cached = 0
  /// Unchanged frames that reused the last embedding.
  public var reused = 0

  /// The rule by which frames count as unchanged; absent where there was none.
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

/// Embeds the frames of one video as they arrive: from the cache where it has them, else in
/// batches, and not at all where `StaticFrameRule` finds no change.
///
/// A batch is encoded while the frames of the next one arrive, so that neither decoding nor
/// encoding waits for the other. At most two batches of prepared pictures are in memory. One
/// thread may use it.
public final class FrameEmbedder {
  public private(set) var counts: EncodingCounts

  /// A picture that has no embedding yet.
  private struct Waiting {
    /// Prepared for the encoder.
    var picture: RGBImage
    /// Its index in `distinct`.
    var place: Int
    var key: EmbeddingKey?
  }

  private let encoder: any ImageEncoder
  private let identity: EncoderIdentity
  private let encoding: FrameEncoding
  private let keys: EmbeddingKeys?
  /// One per distinct picture; nil while it waits to be encoded.
  private var distinct: [[Float]?] = []
  /// For every frame its index in `distinct`.
  private var places: [Int] = []
  private var waiting: [Waiting] = []
  private var underWay: (batch: [Waiting], rows: BackgroundWork<Tensor<Float>>)?
  /// The error that ended the video early.
  private var failure: (any Error)?
  /// The last frame with an embedding of its own, prepared for the encoder.
  private var last: (picture: RGBImage, seconds: Double)?

  public init(encoder: any ImageEncoder, encoding: FrameEncoding = FrameEncoding()) {
    self.encoder = encoder
    self.encoding = encoding
    counts = EncodingCounts(skipping: encoding.skipping)
    identity = encoder.identity
    keys = encoding.cache == nil ? nil : EmbeddingKeys(of: identity)
  }

  deinit {
    // After a failed video no work may remain that competes with the next one.
    try? collect()
  }

  /// Takes the next frame.
  ///
  /// - Throws: what the encoder throws, for this frame or for earlier ones.
  public func append(_ image: RGBImage, at seconds: Double) throws {
    if let failure { throw failure }
    let picture = try encoder.prepared(image)
    if let rule = encoding.skipping, let last,
      rule.isUnchanged(picture, since: last.picture, elapsedSeconds: seconds - last.seconds)
    {
      counts.reused += 1
      places.append(distinct.count - 1)
      return
    }
    if encoding.skipping != nil { last = (picture, seconds) }
    let key = keys?.key(of: picture)
    if let key, let known = encoding.cache?.embedding(key, dimension: identity.dimension) {
      counts.cached += 1
      places.append(distinct.count)
      distinct.append(known)
      return
    }
    try wait(picture, key)
  }

  /// One embedding per frame, in order, not normalised; ends the video.
  ///
  /// - Throws: what the encoder throws.
  public func finish() throws -> [[Float]] {
    if let failure { throw failure }
    try encodeWaiting()
    try collect()
    encoding.cache?.flush()
    let all = distinct.compactMap { $0 }
    precondition(all.count == distinct.count, "every picture was encoded")
    return places.map { all[$0] }
  }

  private func wait(_ picture: RGBImage, _ key: EmbeddingKey?) throws {
    waiting.append(Waiting(picture: picture, place: distinct.count, key: key))
    places.append(distinct.count)
    distinct.append(nil)
    let bytes = waiting.reduce(0) { $0 + $1.picture.pixels.count }
    if waiting.count >= encoding.batchSize || bytes >= FrameEncoding.mostBatchBytes {
      try encodeWaiting()
    }
  }

  /// Begins the next batch when the last one has ended.
  private func encodeWaiting() throws {
    try collect()
    guard !waiting.isEmpty else { return }
    let pictures = waiting.map(\.picture)
    let encoder = encoder
    underWay = (waiting, BackgroundWork { try encoder.encodePrepared(pictures) })
    counts.encoded += waiting.count
    waiting = []
  }

  /// Waits for the batch in progress.
  private func collect() throws {
    guard let (batch, work) = underWay else { return }
    underWay = nil
    let dimension = identity.dimension
    let rows: Tensor<Float>
    do {
      rows = try work.value()
      guard rows.shape == [batch.count, dimension] else {
        throw EncoderError.unusableEmbeddings(
          encoder: identity.description, found: rows.shape,
          expected: [batch.count, dimension])
      }
    } catch {
      failure = error
      throw error
    }
    for (row, item) in batch.enumerated() {
      let embedding = Array(rows.scalars[row * dimension..<(row + 1) * dimension])
      distinct[item.place] = embedding
      if let key = item.key { encoding.cache?.insert(embedding, for: key) }
    }
  }
}
