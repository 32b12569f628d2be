/// The container's claims about a video. Only the size is that of its first decoded frame.
public struct VideoInfo: Codable, Sendable, Equatable {
  /// The path as the caller gave it.
  public let path: String
  /// Displayed width in pixels: after scaling to square pixels and rotation.
  public let width: Int
  /// Displayed height in pixels: after scaling to square pixels and rotation.
  public let height: Int
  /// The size and the pixels' shape as coded; nil if the pixels are square.
  public let coded: CodedShape?
  /// The claimed length in seconds; 0 without a claim.
  public let durationSeconds: Double
  /// The claimed average of frames per second; 25 without a usable claim.
  public let averageFrameRate: Double
  /// The claimed number of frames, which may be wrong. `VideoReader.decodedFrameCount`
  /// counts the frames that decode.
  public let claimedFrameCount: Int?
  /// FFmpeg's name of the codec, such as `h264`.
  public let codec: String
  /// FFmpeg's short name of the container, such as `mp4`.
  public let container: String
  /// Whether there is a sound stream too.
  public let hasAudio: Bool

  /// A record of the values as they are.
  public init(
    path: String, width: Int, height: Int, coded: CodedShape? = nil, durationSeconds: Double,
    averageFrameRate: Double, claimedFrameCount: Int?, codec: String, container: String,
    hasAudio: Bool
  ) {
    self.path = path
    self.width = width
    self.height = height
    self.coded = coded
    self.durationSeconds = durationSeconds
    self.averageFrameRate = averageFrameRate
    self.claimedFrameCount = claimedFrameCount
    self.codec = codec
    self.container = container
    self.hasAudio = hasAudio
  }
}

extension VideoInfo {
  /// The advice for a picture size that recorders squeeze without saying so; nil for other
  /// sizes.
  public var shapeAdvice: String? {
    coded == nil ? RecorderFormats.advice(width: width, height: height) : nil
  }

  /// The claims with the length and the rate that the times of all frames give.
  func measured(by timestamps: [Double]) -> VideoInfo {
    guard let first = timestamps.first, let last = timestamps.last, last > first else {
      return self
    }
    let interval = (last - first) / Double(timestamps.count - 1)
    return VideoInfo(
      path: path, width: width, height: height, coded: coded,
      durationSeconds: last - first + interval, averageFrameRate: 1 / interval,
      claimedFrameCount: claimedFrameCount, codec: codec, container: container,
      hasAudio: hasAudio)
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

/// The requested size of frames.
public enum VideoScaling: Sendable, Equatable {
  /// The displayed size of the video.
  case native
  /// Exactly this size in pixels, whatever the aspect.
  case exact(width: Int, height: Int)
  /// The longer side has at most this many pixels. Keeps the aspect, never enlarges.
  case longestSide(Int)

  /// The size in pixels of a video of `width` x `height`, each side at least 1.
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
