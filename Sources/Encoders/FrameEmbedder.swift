import Tensors
import Video

/// Embeds the frames of one video as they come: from the cache where it has them,
/// else in batches, and not at all where `StaticFrameRule` says that nothing changed.
/// Holds a batch of pictures at most. It belongs to one thread.
public final class FrameEmbedder {
  public private(set) var counts: EncodingCounts

  private let encoder: any ImageEncoder
  private let identity: EncoderIdentity
  private let encoding: FrameEncoding
  private let keys: EmbeddingKeys?
  /// One a distinct picture; nil while it waits to be encoded.
  private var distinct: [[Float]?] = []
  /// For every frame its place in `distinct`.
  private var places: [Int] = []
  /// Prepared already where `prepares`.
  private var waiting: [(image: RGBImage, place: Int, key: EmbeddingKey?)] = []
  /// Whether pictures are prepared here: keys and the rule look at them so.
  private let prepares: Bool
  /// The last frame with an embedding of its own, as the encoder got it.
  private var last: (picture: RGBImage, seconds: Double)?

  public init(encoder: any ImageEncoder, encoding: FrameEncoding = FrameEncoding()) {
    self.encoder = encoder
    self.encoding = encoding
    counts = EncodingCounts(skipping: encoding.skipping)
    identity = encoder.identity
    keys = encoding.cache == nil ? nil : EmbeddingKeys(of: identity)
    prepares = encoding.cache != nil || encoding.skipping != nil
  }

  /// Takes the next frame.
  ///
  /// - Throws: what the encoder throws.
  public func append(_ image: RGBImage, at seconds: Double) throws {
    guard prepares else { return try wait(image, nil) }
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

  /// One embedding a frame, in order, not normalised; ends the video.
  public func finish() throws -> [[Float]] {
    try flush()
    encoding.cache?.flush()
    let all = distinct.compactMap { $0 }
    precondition(all.count == distinct.count, "every picture was encoded by flush()")
    return places.map { all[$0] }
  }

  private func wait(_ image: RGBImage, _ key: EmbeddingKey?) throws {
    waiting.append((image, distinct.count, key))
    places.append(distinct.count)
    distinct.append(nil)
    if waiting.count == encoding.batchSize { try flush() }
  }

  private func flush() throws {
    guard !waiting.isEmpty else { return }
    let pictures = waiting.map(\.image)
    let rows = try prepares ? encoder.encodePrepared(pictures) : encoder.encodeImages(pictures)
    let dimension = identity.dimension
    guard rows.shape == [waiting.count, dimension] else {
      throw EncoderError.unusableEmbeddings(
        encoder: identity.description, found: rows.shape,
        expected: [waiting.count, dimension])
    }
    for (row, item) in waiting.enumerated() {
      let embedding = Array(rows.scalars[row * dimension..<(row + 1) * dimension])
      distinct[item.place] = embedding
      if let key = item.key { encoding.cache?.insert(embedding, for: key) }
    }
    counts.encoded += waiting.count
    waiting = []
  }
}
