/// Decodes a video's frames one after the other, in display order.
///
/// A video is a file, or a folder of numbered JPEG or PNG images. What is damaged is
/// stepped over with a warning, and every frame that decodes comes out. A reader
/// belongs to one thread at a time; different readers may run on different threads.
public final class VideoReader {
  /// What the container claims.
  public var info: VideoInfo { source.info }
  /// How many frames have come out so far, converted or skipped; after the end,
  /// how many there are.
  public private(set) var decodedFrameCount = 0

  private let source: any FrameSource
  private var isAtEnd = false

  /// Opens a video and decodes its first frame.
  ///
  /// - Parameters:
  ///   - path: The file, or the folder of images.
  ///   - scaledTo: The size of the frames; scaling is part of the conversion.
  ///   - threads: Decoding threads; the frames are the same for any number.
  ///   - imageFolderFrameRate: Frames per second of a folder of images, which has no
  ///     times of its own.
  /// - Throws: `VideoError` for a missing, empty or truncated file, a folder without
  ///   numbered images, sound only, something else than a video, no decoder, and no
  ///   frame that decodes.
  public init(
    path: String, scaledTo scaling: VideoScaling = .native, threads: Int = 1,
    imageFolderFrameRate: Double = ImageFolder.defaultFrameRate
  ) throws {
    if let folder = try ImageFolder(path: path, frameRate: imageFolderFrameRate) {
      source = try ImageFolderFrames(folder: folder, scaledTo: scaling)
    } else {
      source = try StreamFrames(path: path, scaledTo: scaling, threads: threads)
    }
  }

  /// The next frame as RGB, or nil at the end.
  ///
  /// - Throws: `VideoError.damaged` where a frame's format has no way to RGB.
  public func nextFrame() throws -> VideoFrame? {
    guard let (index, seconds) = advance() else { return nil }
    return VideoFrame(
      frameIndex: index, timestampSeconds: seconds, image: try source.image())
  }

  /// Decodes the next frame without converting it to RGB; nil at the end.
  public func skipFrame() throws -> (frameIndex: Int, timestampSeconds: Double)? {
    advance()
  }

  /// What was found wrong so far, one line each, complete after the end.
  public var warnings: [String] {
    source.warnings(decodedFrameCount: decodedFrameCount, isAtEnd: isAtEnd)
  }

  private func advance() -> (frameIndex: Int, timestampSeconds: Double)? {
    guard let seconds = source.advance() else {
      isAtEnd = true
      return nil
    }
    decodedFrameCount += 1
    return (decodedFrameCount - 1, seconds)
  }
}
