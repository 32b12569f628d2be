import Encoders
import Tensors

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
    let rows = try embedder.finish().map { VectorMath.unit($0) ?? $0 }
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
    return VectorMath.dot(VectorMath.unit(rows.scalars) ?? rows.scalars, centre)
  }
}
