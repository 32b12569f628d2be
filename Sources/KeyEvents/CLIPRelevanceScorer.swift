import Encoders
import Tensors
import Video

/// Relevance as the similarity of a frame and of prompts in the space of a CLIP
/// model: see `RelevanceQueries` for what a value means.
///
/// Candidates alone are encoded, `batchSize` at a time; the prompts are encoded
/// once, when the scorer is made.
public struct CLIPRelevanceScorer: RelevanceScorer {
  public let identity: ScorerIdentity
  public var queries: [String] { prompts.wanted }
  public var preferredScaling: VideoScaling { .native }
  public var observationsPerSecond: Double { 0 }

  /// Images encoded together.
  public let batchSize: Int
  private let prompts: RelevanceQueries
  private let encoder: any ImageEncoder
  /// One unit vector a prompt.
  private let wanted: [[Float]]
  private let unwanted: [[Float]]
  private let neutral: [[Float]]

  /// - Throws: `KeyEventError.noQuery` without a wanted prompt,
  ///   `KeyEventError.mismatchedEncoders` for encoders of different width, and what
  ///   the text encoder throws.
  public init(
    imageEncoder: any ImageEncoder, textEncoder: any TextEncoder, queries: RelevanceQueries,
    batchSize: Int = 8
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
      precision: imageEncoder.identity.precision)
    self.batchSize = max(1, batchSize)
    prompts = queries
    encoder = imageEncoder
    let texts = queries.wanted + queries.unwanted + queries.neutral
    let rows = Self.unitRows(
      of: try Self.checked(
        textEncoder.encodeTexts(texts), count: texts.count, by: textEncoder.identity))
    wanted = Array(rows.prefix(queries.wanted.count))
    unwanted = Array(rows.dropFirst(queries.wanted.count).prefix(queries.unwanted.count))
    neutral = Array(rows.suffix(queries.neutral.count))
  }

  public func begin(_ info: VideoInfo) -> any RelevanceScoring {
    CLIPScoring(scorer: self)
  }

  /// The relevance of pictures, in order.
  public func relevance(of images: [RGBImage]) throws -> [CandidateRelevance] {
    let rows = Self.unitRows(
      of: try Self.checked(
        encoder.encodeImages(images), count: images.count, by: encoder.identity))
    return rows.map { row in
      // A row that is no direction (all zero, not finite) stays unscored.
      guard let best = Self.greatest(of: wanted, with: row) else {
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
    of vectors: [[Float]], with row: [Float]
  ) -> (place: Int, cosine: Double)? {
    var best: (place: Int, cosine: Double)?
    for (place, vector) in vectors.enumerated() {
      let cosine = zip(vector, row).reduce(0.0) { $0 + Double($1.0) * Double($1.1) }
      if cosine.isFinite, cosine > best?.cosine ?? -.infinity { best = (place, cosine) }
    }
    return best
  }

  private static func unitRows(of tensor: Tensor<Float>) -> [[Float]] {
    let width = tensor.rowWidth
    return (0..<tensor.extent(0)).map { index in
      let row = tensor.scalars[(index * width)..<((index + 1) * width)]
      let length = row.reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot()
      return row.map { Float(Double($0) / length) }
    }
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
  private var waiting: [RGBImage] = []
  private var results: [CandidateRelevance] = []

  init(scorer: CLIPRelevanceScorer) {
    self.scorer = scorer
  }

  func observe(_ frame: VideoFrame, isCandidate: Bool) throws {
    guard isCandidate else { return }
    waiting.append(frame.image)
    if waiting.count == scorer.batchSize { try flush() }
  }

  func finish() throws -> [CandidateRelevance] {
    try flush()
    return results
  }

  private func flush() throws {
    guard !waiting.isEmpty else { return }
    results += try scorer.relevance(of: waiting)
    waiting = []
  }
}
