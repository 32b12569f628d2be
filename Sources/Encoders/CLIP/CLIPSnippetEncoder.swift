import Records
import Tensors
import Video

/// A snippet as CLIP's embedding of its frames.
///
/// How the released VadCLIP features make one row of 16 frames is not public;
/// the mean over all frames matches them best.
public struct CLIPSnippetEncoder: SnippetEncoder {
  /// Which frames are used.
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
  /// VadCLIP's crops enter a model of 224x224 unchanged; the preprocessing of other models
  /// resizes them.
  public let crops: FrameCrops

  public init(model: any ImageEncoder, pooling: Pooling = .mean16, crops: FrameCrops = .whole) {
    self.model = model
    self.pooling = pooling
    self.crops = crops
  }

  public var poolingName: String { pooling.rawValue }

  /// The model's identity, its name followed by the pooling, as in
  /// `openai/clip-vit-base-patch16+mean16`.
  public var identity: EncoderIdentity {
    var identity = model.identity
    identity.model += "+\(pooling.rawValue)"
    return identity
  }

  public var frameOffsets: Range<Int> {
    switch pooling {
    case .mean16: 0..<Snippet.frameCount
    case .first: 0..<1
    case .centre: Snippet.frameCount / 2..<Snippet.frameCount / 2 + 1
    }
  }

  /// The mean embedding of each crop, crop after crop, not normalised; `previous` is not
  /// used. The model gets all frames and crops at once: at most 160 pictures, 24 MB.
  ///
  /// - Throws: `EncoderError.unusableSnippet` where there are fewer frames than
  ///   `frameOffsets` needs.
  public func encodeSnippet(_ frames: [RGBImage], previous: RGBImage?) throws -> [Float] {
    // Fewer frames than a whole snippet are the frames of `frameOffsets`.
    let chosen =
      frames.count == Snippet.frameCount ? Array(frames[frameOffsets]) : frames
    guard chosen.count == frameOffsets.count else {
      throw EncoderError.unusableSnippet(
        found: "\(frames.count) frames",
        expected: "\(Snippet.frameCount), or the \(frameOffsets.count) that count")
    }
    let rows = try model.encodeImages(chosen.flatMap(crops.pictures))
    let width = rows.rowWidth * crops.count
    var mean = [Float](repeating: 0, count: width)
    for frame in chosen.indices {
      for column in 0..<width { mean[column] += rows.scalars[frame * width + column] }
    }
    return mean.map { $0 / Float(chosen.count) }
  }
}
