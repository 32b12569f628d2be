import Records
import Video

/// The built-in snippet encoder: `SnippetDescriptor`, which needs no weights.
public struct BuiltInSnippetEncoder: SnippetEncoder {
  public init() {}

  public var identity: EncoderIdentity {
    EncoderIdentity(
      kind: "builtin", model: SnippetDescriptorLayout.name,
      dimension: SnippetDescriptorLayout.dimension)
  }

  /// Frames are analysed at this size; decoding them at it saves the work of
  /// reducing them.
  public var preferredScaling: VideoScaling { .longestSide(MotionImage.longestSide) }

  /// The 512 numbers of `SnippetDescriptorLayout`, each about 0 to 1. About 1 ms a
  /// frame of 320x240.
  ///
  /// - Precondition: at least one frame; all of one size.
  public func encodeSnippet(_ frames: [RGBImage], previous: RGBImage?) throws -> [Float] {
    SnippetDescriptor(
      frames: frames.map { MotionImage($0) }, previous: previous.map { MotionImage($0) }
    ).values()
  }
}
