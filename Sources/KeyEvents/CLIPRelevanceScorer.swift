import Encoders
import Records
import Tensors
import Video

/// Relevance as the similarity of a frame to prompts in the space of a CLIP model.
/// `RelevanceQueries` defines the value.
///
/// Only candidates are encoded, in batches. Cached and unchanged frames are skipped
/// (`FrameEncoding`). The prompts are encoded once, by the initializer.
public struct CLIPRelevanceScorer: RelevanceScorer {
  public let identity: ScorerIdentity
  public var queries: [String] { prompts.wanted }
  public var preferredScaling: VideoScaling { .native }
  public var observationsPerSecond: Double { 0 }

  /// How candidates are encoded, and which are skipped.
  public let encoding: FrameEncoding
  private let prompts: RelevanceQueries
  /// The encoder of the candidates.
  public let imageEncoder: any ImageEncoder
  /// A unit vector per prompt; nil for a zero or non-finite one, which matches nothing.
  private let wanted: [[Float]?]
  private let unwanted: [[Float]?]
  private let neutral: [[Float]?]

  /// - Throws: `KeyEventError.noQuery` without a wanted prompt,
  ///   `KeyEventError.mismatchedEncoders` for encoders of different width, and the text
  ///   encoder's errors.
  public init(
    imageEncoder: any ImageEncoder, textEncoder: any TextEncoder, queries: RelevanceQueries,
    encoding: FrameEncoding = FrameEncoding()
  ) throws {
    let name = imageEncoder.identity.description
    guard !queries.wanted.isEmpty else { throw KeyEventError.noQuery(encoder: name) }
    guard imageEncoder.identity.dimension == textEncoder.identity.dimension else {
      throw KeyEventError.mismatchedEncoders(
        image: name, text: textEncoder.identity.description)
    }
    identity = ScorerIdentity(
      kind: imageEncoder.identity.kind, model: imageEncoder.identity.model,
      revision: imageEncoder.identity.revision,
      weightsHash: imageEncoder.identity.weightsHash,
      precision: imageEncoder.identity.precision,
      settingsHash: Self.settingsHash(queries, encoding.skipping))
    self.encoding = encoding
    prompts = queries
    self.imageEncoder = imageEncoder
    let texts = queries.wanted + queries.unwanted + queries.neutral
    let embedded = try Self.checked(
      textEncoder.encodeTexts(texts), count: texts.count, by: textEncoder.identity)
    let rows = texts.indices.map { VectorMath.unit(embedded[row: $0].scalars) }
    wanted = Array(rows.prefix(queries.wanted.count))
    unwanted = Array(rows.dropFirst(queries.wanted.count).prefix(queries.unwanted.count))
    neutral = Array(rows.suffix(queries.neutral.count))
  }

  private static func settingsHash(_ prompts: RelevanceQueries, _ skipping: StaticFrameRule?)
    -> String
  {
    var hash = ContentHash()
    for (name, texts) in [
      ("wanted", prompts.wanted), ("unwanted", prompts.unwanted), ("neutral", prompts.neutral),
    ] {
      // The counts keep lists apart.
      hash.update("\(name) \(texts.count)")
      for text in texts { hash.update(text) }
    }
    if let skipping {
      hash.update("skipping \(skipping.greatestBlockDifference) \(skipping.forcedSeconds)")
    }
    return hash.finalize()
  }

  public func begin(_ info: VideoInfo) -> any RelevanceScoring {
    CLIPScoring(scorer: self, embedder: FrameEmbedder(encoder: imageEncoder, encoding: encoding))
  }

  /// The relevance of pictures, in order.
  public func relevance(of images: [RGBImage]) throws -> [CandidateRelevance] {
    let rows = try Self.checked(
      imageEncoder.encodeImages(images), count: images.count, by: imageEncoder.identity)
    return relevance(ofEmbeddings: images.indices.map { rows[row: $0].scalars })
  }

  /// The relevance of pictures by their embeddings, of any length, in order.
  public func relevance(ofEmbeddings embeddings: [[Float]]) -> [CandidateRelevance] {
    embeddings.map { embedding in
      // A zero or non-finite row stays unscored.
      guard let row = VectorMath.unit(embedding), let best = Self.greatest(of: wanted, with: row)
      else {
        return CandidateRelevance(value: nil)
      }
      let against = Self.greatest(of: unwanted, with: row)?.cosine
      let reference = against ?? Self.greatest(of: neutral, with: row)?.cosine
      return CandidateRelevance(
        value: best.cosine - (against ?? 0), prompt: prompts.wanted[best.place],
        margin: reference.map { best.cosine - $0 }, embedding: row)
    }
  }

  private static func greatest(
    of vectors: [[Float]?], with row: [Float]
  ) -> (place: Int, cosine: Double)? {
    var best: (place: Int, cosine: Double)?
    for (place, vector) in vectors.enumerated() {
      guard let cosine = vector.map({ VectorMath.dot($0, row) }) else { continue }
      if cosine > best?.cosine ?? -.infinity { best = (place, cosine) }
    }
    return best
  }

  private static func checked(
    _ tensor: Tensor<Float>, count: Int, by identity: EncoderIdentity
  ) throws -> Tensor<Float> {
    guard tensor.shape == [count, identity.dimension] else {
      throw KeyEventError.badEmbeddings(
        encoder: identity.description, found: tensor.shape,
        expected: [count, identity.dimension])
    }
    return tensor
  }
}

/// The scoring of one video.
private final class CLIPScoring: RelevanceScoring {
  private let scorer: CLIPRelevanceScorer
  private let embedder: FrameEmbedder

  init(scorer: CLIPRelevanceScorer, embedder: FrameEmbedder) {
    self.scorer = scorer
    self.embedder = embedder
  }

  var encodingCounts: EncodingCounts? { embedder.counts }

  func observe(_ frame: VideoFrame, isCandidate: Bool) throws {
    guard isCandidate else { return }
    try embedder.append(frame.image, at: frame.timestampSeconds)
  }

  func finish() throws -> [CandidateRelevance] {
    scorer.relevance(ofEmbeddings: try embedder.finish())
  }
}
