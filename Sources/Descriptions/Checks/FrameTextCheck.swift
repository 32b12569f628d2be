import Encoders
import Tensors
import Video
import Workspaces

/// Compares a description with its own frames in the space of a model that encodes both.
///
/// The similarity is the mean, over the frames, of the cosine between frame and description.
/// The model's text encoder may read only the beginning of the description (CLIP: 77 tokens).
public struct FrameTextCheck: Sendable {
  private let encoder: any VisionLanguageEncoder
  private let encoding: FrameEncoding

  /// - Parameter encoding: how frames are encoded. Every frame is encoded, even if this skips
  ///   unchanged ones.
  public init(encoder: any VisionLanguageEncoder, encoding: FrameEncoding = FrameEncoding()) {
    self.encoder = encoder
    var encoding = encoding
    encoding.skipping = nil
    self.encoding = encoding
  }

  /// The model's name in the ledger.
  var encoderName: String { encoder.identity.description }

  /// The mean of the frames' unit vectors, which is all that the comparison needs.
  ///
  /// - Throws: the encoder's error.
  func mean(of frames: [VideoFrame]) throws -> [Float] {
    let embedder = FrameEmbedder(encoder: encoder, encoding: encoding)
    for frame in frames { try embedder.append(frame.image, at: frame.timestampSeconds) }
    let rows = try embedder.finish().map { VectorMath.unit($0) ?? $0 }
    var sum = [Float](repeating: 0, count: encoder.identity.dimension)
    for row in rows { for place in row.indices { sum[place] += row[place] } }
    return sum.map { $0 / Float(max(1, rows.count)) }
  }

  /// How well a description matches frames with this mean, -1 to 1.
  ///
  /// - Throws: the encoder's error; `EncoderError.unusableEmbeddings`.
  func similarity(of text: String, to mean: [Float]) throws -> Double {
    let rows = try encoder.encodeTexts([text])
    guard rows.shape == [1, mean.count] else {
      throw EncoderError.unusableEmbeddings(
        encoder: encoderName, found: rows.shape, expected: [1, mean.count])
    }
    return VectorMath.dot(VectorMath.unit(rows.scalars) ?? rows.scalars, mean)
  }
}

/// Finds the descriptions that match their own frames unusually poorly.
///
/// A single cosine of CLIP means little, so each is compared with the others of the same
/// model. It is an outlier if it lies more than `reach` robust standard deviations (1.4826
/// times the median absolute deviation) below their median.
enum FrameTextOutliers {
  static let reach = 4.0
  /// With fewer similarities than this, none is judged.
  static let leastCount = 20
  /// The lower limit of the deviation: other words for the same frames differ by as much.
  static let leastDeviation = 0.01

  /// The similarity below which a description is an outlier; nil if there are too few.
  static func bound(of similarities: [Double]) -> Double? {
    guard similarities.count >= leastCount else { return nil }
    let middle = median(similarities)
    let deviation = 1.4826 * median(similarities.map { abs($0 - middle) })
    return middle - reach * max(deviation, leastDeviation)
  }

  /// Adds the finding to all outliers among a ledger's current descriptions, and removes it
  /// from the others.
  static func mark(in ledger: Ledger) throws {
    let compared = try ledger.frameSimilarities()
    var changed: [LedgerFrameSimilarity] = []
    for group in Dictionary(grouping: compared, by: \.encoder).values {
      guard let bound = bound(of: group.map(\.similarity)) else { continue }
      changed += group.filter { ($0.similarity < bound) != $0.isUnlikeFrames }
    }
    for isSet in [true, false] {
      try ledger.setFinding(
        .unlikeFrames, isSet, of: changed.filter { $0.isUnlikeFrames != isSet }.map(\.place))
    }
  }

  private static func median(_ values: [Double]) -> Double {
    let sorted = values.sorted()
    let middle = sorted.count / 2
    return sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
  }
}
