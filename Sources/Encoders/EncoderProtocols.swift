import Records
import Tensors
import Video

/// Turns pictures into vectors.
public protocol ImageEncoder: Sendable {
  var identity: EncoderIdentity { get }
  /// One row per picture, [n, dimension], not normalised.
  func encodeImages(_ images: [RGBImage]) throws -> Tensor<Float>
  /// The picture as it enters the network, which together with the identity
  /// determines its embedding; by default the picture itself.
  func prepared(_ image: RGBImage) throws -> RGBImage
  /// `encodeImages` of results of `prepared`, which are not prepared again. By default
  /// `encodeImages` itself, because the default `prepared` returns the same picture.
  func encodePrepared(_ pictures: [RGBImage]) throws -> Tensor<Float>
}

extension ImageEncoder {
  public func prepared(_ image: RGBImage) throws -> RGBImage { image }
  public func encodePrepared(_ pictures: [RGBImage]) throws -> Tensor<Float> {
    try encodeImages(pictures)
  }
}

/// Turns strings into vectors.
public protocol TextEncoder: Sendable {
  var identity: EncoderIdentity { get }
  /// The settings that decide the vectors beside the weights; by default only the kind.
  var traits: TextEncoderTraits { get }
  /// The most tokens per text that the encoder reads, special tokens included; nil where
  /// there is no limit. The caller must cut longer texts.
  var maximumTokens: Int? { get }
  /// How many tokens a text has, special tokens included, before any cut.
  func tokenCount(of text: String) throws -> Int
  /// One row per text, [n, dimension], not normalised unless the encoder's own pooling does
  /// so.
  func encodeTexts(_ texts: [String]) throws -> Tensor<Float>
}

extension TextEncoder {
  public var traits: TextEncoderTraits {
    TextEncoderTraits(pooling: identity.kind, maximumTokens: maximumTokens)
  }
}

/// Turns one 16-frame snippet of video into a vector.
public protocol SnippetEncoder: Sendable {
  var identity: EncoderIdentity { get }
  /// The vectors of a snippet, whose frames are in time order: one for each of
  /// `crops`, one after the other, [crops · dimension].
  ///
  /// `previous` is the frame just before the snippet, where there is one, for
  /// encoders that measure change.
  func encodeSnippet(_ frames: [RGBImage], previous: RGBImage?) throws -> [Float]
  /// Which of the 16 frames the encoder uses, by default all of them. Otherwise
  /// `encodeSnippet` may get these alone.
  var frameOffsets: Range<Int> { get }
  /// The parts of a frame that have vectors of their own; by default the whole frame.
  var crops: FrameCrops { get }
  /// How the frames become one vector, for provenance; the encoder's own way by
  /// default.
  var poolingName: String { get }
  /// The size in which to decode frames; by default their own.
  var preferredScaling: VideoScaling { get }
}

extension SnippetEncoder {
  public var frameOffsets: Range<Int> { 0..<Snippet.frameCount }
  public var crops: FrameCrops { .whole }
  public var poolingName: String { identity.kind }
  public var preferredScaling: VideoScaling { .native }
}

/// An encoder of pictures and strings into one space, in which a picture can be
/// compared with words.
public protocol VisionLanguageEncoder: ImageEncoder, TextEncoder {
  var identity: EncoderIdentity { get }
}

extension CLIPModel: VisionLanguageEncoder {}

/// The settings that decide a text encoder's vectors beside its weights: a part of every
/// key of stored vectors.
public struct TextEncoderTraits: Codable, Sendable, Hashable {
  /// SHA-256 of the tokenizer's files; nil where they are not available.
  public var tokenizerHash: String?
  /// How token outputs become one vector: `mean`, `cls`, `end-token`, or the
  /// encoder's own way.
  public var pooling: String
  /// Whether the encoder itself scales vectors to length 1.
  public var isNormalized: Bool
  /// The most tokens per text; nil where there is no limit, or none is known.
  public var maximumTokens: Int?

  public init(
    tokenizerHash: String? = nil, pooling: String, isNormalized: Bool = false,
    maximumTokens: Int? = nil
  ) {
    self.tokenizerHash = tokenizerHash
    self.pooling = pooling
    self.isNormalized = isNormalized
    self.maximumTokens = maximumTokens
  }
}
