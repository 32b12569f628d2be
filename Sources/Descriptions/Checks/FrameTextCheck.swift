import Encoders
import Workspaces

/// Compares a description with its own frames in the space of a model that sees both.
///
/// The similarity is the mean over the frames of the cosine of frame and description, the
/// description as the model's text encoder reads it (CLIP: its first 77 tokens).
public struct FrameTextCheck: Sendable {
  private let encoder: any VisionLanguageEncoder
  private let encoding: FrameEncoding

  /// - Parameter encoding: how frames are encoded; each by itself, whatever it says of
  ///   frames that have not changed.
  public init(encoder: any VisionLanguageEncoder, encoding: FrameEncoding = FrameEncoding()) {
    self.encoder = encoder
    var encoding = encoding
    encoding.skipping = nil
    self.encoding = encoding
  }

  /// The model, as the ledger names it.
  var encoderName: String { encoder.identity.description }

  /// The mean of the frames' unit vectors: all that has to be kept of them.
  ///
  /// - Throws: what the encoder throws.
  func centre(of frames: [FrameForDescription]) throws -> [Float] {
    let embedder = FrameEmbedder(encoder: encoder, encoding: encoding)
    for frame in frames { try embedder.append(frame.image, at: frame.timestampSeconds) }
    let rows = try embedder.finish().map(Self.unit)
    var sum = [Float](repeating: 0, count: encoder.identity.dimension)
    for row in rows { for place in row.indices { sum[place] += row[place] } }
    return sum.map { $0 / Float(max(1, rows.count)) }
  }

  /// How well a description fits frames with this centre, -1 to 1.
  ///
  /// - Throws: what the encoder throws; `EncoderError.unusableEmbeddings`.
  func similarity(of text: String, to centre: [Float]) throws -> Double {
    let rows = try encoder.encodeTexts([text])
    guard rows.shape == [1, centre.count] else {
      throw EncoderError.unusableEmbeddings(
        encoder: encoderName, found: rows.shape, expected: [1, centre.count])
    }
    return zip(Self.unit(rows.scalars), centre).reduce(0) { $0 + Double($1.0) * Double($1.1) }
  }

  private static func unit(_ row: [Float]) -> [Float] {
    let length = row.reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot()
    return length > 0 ? row.map { Float(Double($0) / length) } : row
  }
}

/// Finds the descriptions that fit their own frames far worse than the rest.
///
/// Cosines of CLIP say little by themselves, so each is judged by the others that the
/// same model compared: far below is more than `reach` robust standard deviations (1.4826
/// times the median absolute deviation) under their median.
enum FrameTextOutliers {
  static let reach = 4.0
  /// Fewer than so many say nothing of the rest.
  static let leastCount = 20
  /// The deviation is taken to be at least this: the same frames in other words differ
  /// by as much.
  static let leastDeviation = 0.01

  /// Below which similarity one is far below the rest; nil for too few.
  static func bound(of similarities: [Double]) -> Double? {
    guard similarities.count >= leastCount else { return nil }
    let middle = median(similarities)
    let deviation = 1.4826 * median(similarities.map { abs($0 - middle) })
    return middle - reach * max(deviation, leastDeviation)
  }

  /// Gives all present descriptions of a ledger the finding, or takes it from them.
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
