import Tensors
import Video

/// A snippet as CLIP's embedding of its frames.
///
/// How the released VadCLIP features make one row of 16 frames is not public;
/// the mean over all frames matches them best.
public struct CLIPSnippetEncoder: SnippetEncoder {
  /// Which frames count.
  public enum Pooling: String, Sendable, CaseIterable, Codable {
    /// The mean of the embeddings of all 16 frames.
    case mean16
    /// The first frame.
    case first
    /// Frame 8 of 16, the first after the middle.
    case centre
  }

  public let model: any ImageEncoder
  public let pooling: Pooling

  public init(model: any ImageEncoder, pooling: Pooling = .mean16) {
    self.model = model
    self.pooling = pooling
  }

  /// The model's identity, its name followed by the pooling, as in
  /// `openai/clip-vit-base-patch16+mean16`.
  public var identity: EncoderIdentity {
    var identity = model.identity
    identity.model += "+\(pooling.rawValue)"
    return identity
  }

  public var frameOffsets: Range<Int> {
    switch pooling {
    case .mean16: 0..<SnippetFeatures.frameCount
    case .first: 0..<1
    case .centre: SnippetFeatures.frameCount / 2..<SnippetFeatures.frameCount / 2 + 1
    }
  }

  /// The embedding, not normalised; `previous` does not matter.
  ///
  /// - Throws: `EncoderError.unusableSnippet` where there are fewer frames than
  ///   `frameOffsets` needs.
  public func encodeSnippet(_ frames: [RGBImage], previous: RGBImage?) throws -> [Float] {
    // Fewer frames than a whole snippet are those that `frameOffsets` names.
    let chosen =
      frames.count == SnippetFeatures.frameCount ? Array(frames[frameOffsets]) : frames
    guard chosen.count == frameOffsets.count else {
      throw EncoderError.unusableSnippet(
        found: "\(frames.count) frames",
        expected: "\(SnippetFeatures.frameCount), or the \(frameOffsets.count) that count")
    }
    let rows = try model.encodeImages(chosen)
    let width = rows.rowWidth
    var mean = [Float](repeating: 0, count: width)
    for row in 0..<chosen.count {
      for column in 0..<width { mean[column] += rows.scalars[row * width + column] }
    }
    return mean.map { $0 / Float(chosen.count) }
  }
}
