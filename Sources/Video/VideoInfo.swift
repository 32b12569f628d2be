/// What a video's container says about it, except for its size, which is that of
/// its first decoded frame.
public struct VideoInfo: Codable, Sendable, Equatable {
  /// The path as it was given.
  public let path: String
  /// Displayed width in pixels, after rotation. A sample aspect ratio other than
  /// 1:1 is left alone: pixels stay as they were coded.
  public let width: Int
  /// Displayed height in pixels, after rotation.
  public let height: Int
  /// Length as the container claims it, in seconds; 0 where it does not say.
  public let durationSeconds: Double
  /// Frames per second on average, as claimed; 25 where the container says
  /// nothing usable.
  public let averageFrameRate: Double
  /// The number of frames that the container claims. Headers lie: what decodes is
  /// counted by `VideoReader.decodedFrameCount`.
  public let claimedFrameCount: Int?
  /// FFmpeg's name of the codec, such as `h264`.
  public let codec: String
  /// FFmpeg's short name of the container, such as `mp4`.
  public let container: String
  /// Whether there is a sound stream too.
  public let hasAudio: Bool

  /// A record of the values as they are.
  public init(
    path: String, width: Int, height: Int, durationSeconds: Double, averageFrameRate: Double,
    claimedFrameCount: Int?, codec: String, container: String, hasAudio: Bool
  ) {
    self.path = path
    self.width = width
    self.height = height
    self.durationSeconds = durationSeconds
    self.averageFrameRate = averageFrameRate
    self.claimedFrameCount = claimedFrameCount
    self.codec = codec
    self.container = container
    self.hasAudio = hasAudio
  }
}

/// One decoded frame.
public struct VideoFrame: Sendable {
  /// Position in display order, from 0, counting the frames that decode.
  public let frameIndex: Int
  /// Presentation time in seconds from the container's start time.
  public let timestampSeconds: Double
  /// The picture.
  public let image: RGBImage

  /// A frame of the values as they are.
  public init(frameIndex: Int, timestampSeconds: Double, image: RGBImage) {
    self.frameIndex = frameIndex
    self.timestampSeconds = timestampSeconds
    self.image = image
  }
}

/// The size in which frames are wanted.
public enum VideoScaling: Sendable, Equatable {
  /// The displayed size of the video.
  case native
  /// Exactly this size in pixels, whatever the aspect.
  case exact(width: Int, height: Int)
  /// The longer side at most this many pixels, aspect kept, never enlarged.
  case longestSide(Int)

  /// The size in pixels, each side at least 1, that a video of `width` x `height`
  /// gets.
  public func size(width: Int, height: Int) -> (width: Int, height: Int) {
    switch self {
    case .native:
      return (width, height)
    case .exact(let width, let height):
      precondition(width > 0 && height > 0, "frames of \(width)x\(height) pixels")
      return (width, height)
    case .longestSide(let side):
      precondition(side > 0, "frames with a longest side of \(side) pixels")
      let longest = max(width, height)
      guard longest > side else { return (width, height) }
      func scaled(_ length: Int) -> Int { max(1, (2 * length * side + longest) / (2 * longest)) }
      return (scaled(width), scaled(height))
    }
  }
}
