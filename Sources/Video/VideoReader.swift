// How this room decodes. A video is a file or a folder of numbered images. There are two
// ways to its frames, each with a public entrance:
//
// - All frames in display order: `VideoReader` reads a `FrameSequence`. For a file that is
//   `StreamFrames`: `VideoContainer` gives the packets, `FrameDecoder` decodes the whole
//   stream, `FrameConverter` converts to RGB. For a folder it is `ImageFolderFrames`.
// - Chosen frames: `FrameIndex` lists the packets, and `SparseFrames` decodes only what the
//   wanted frames need. It cuts them into `FrameGroup`s and gives each to a
//   `GroupDecoding`: `GroupDecoder` for a file, `ImageFolderDecoder` for a folder.
//   `VideoFrames` is the short form: frames by index, at native size.
//
// `PacketDecoder` wraps one FFmpeg decoder, packets in and frames out. `FrameDecoder`
// feeds it from the start of the file, `GroupDecoder` from a key frame. `StillImageDecoder`
// is not for videos: `ImageFile` decodes PNG and other still images with it.

/// Decodes a video's frames one after the other, in display order.
///
/// A video is a file, or a folder of numbered JPEG or PNG images. The reader skips damaged
/// data with a warning and gives every frame that decodes. A reader belongs to one thread
/// at a time. Different readers may run on different threads.
public final class VideoReader {
  /// What the container claims.
  public var info: VideoInfo { source.info }
  /// The number of frames so far, converted or skipped; after the end, the number of all
  /// frames.
  public private(set) var decodedFrameCount = 0

  private let source: any FrameSequence
  private let scaling: VideoScaling
  private var isAtEnd = false

  /// Opens a video and decodes its first frame.
  ///
  /// - Parameters:
  ///   - path: The file, or the folder of images.
  ///   - view: The shape of the pixels, and the regions that are ignored.
  ///   - scaledTo: The size of the frames; scaling is part of the conversion.
  ///   - threads: Decoding threads; the frames are the same for any number.
  ///   - imageFolderFrameRate: Frames per second of a folder of images, which contains no
  ///     times.
  /// - Throws: `VideoError` for a missing, empty or truncated file, a folder without
  ///   numbered images, sound only, content other than video, a missing decoder, and a
  ///   video of which no frame decodes.
  public init(
    path: String, view: VideoView = .asRecorded, scaledTo scaling: VideoScaling = .native,
    threads: Int = 1, imageFolderFrameRate: Double = ImageFolder.defaultFrameRate
  ) throws {
    self.scaling = scaling
    if let folder = try ImageFolder(path: path, frameRate: imageFolderFrameRate) {
      source = try ImageFolderFrames(folder: folder, view: view, scaledTo: scaling)
    } else {
      source = try StreamFrames(path: path, view: view, scaledTo: scaling, threads: threads)
    }
  }

  /// The next frame as RGB, or nil at the end.
  ///
  /// - Throws: `VideoError.damaged` if a frame's format cannot be converted to RGB.
  public func nextFrame() throws -> VideoFrame? {
    guard let (index, seconds) = advance() else { return nil }
    return VideoFrame(
      frameIndex: index, timestampSeconds: seconds, image: try source.image())
  }

  /// Decodes the next frame without converting it to RGB; nil at the end.
  public func skipFrame() throws -> (frameIndex: Int, timestampSeconds: Double)? {
    advance()
  }

  /// The problems found so far, one line each; complete after the end.
  public var warnings: [String] {
    source.warnings(decodedFrameCount: decodedFrameCount, isAtEnd: isAtEnd)
  }

  /// Whether packets or frames so far were damaged or of another size, or reading ended
  /// early. If not, `SparseFrames` gives the same frames by a trustworthy index.
  package var isDamaged: Bool { source.isDamaged }

  private func advance() -> (frameIndex: Int, timestampSeconds: Double)? {
    if decodedFrameCount == DecodePasses.firstFrames { DecodePasses.note(info.path, scaling) }
    guard let seconds = source.advance() else {
      isAtEnd = true
      return nil
    }
    decodedFrameCount += 1
    return (decodedFrameCount - 1, seconds)
  }
}

/// Frames in display order, the input of `VideoReader`: of a file or of a folder.
protocol FrameSequence: AnyObject {
  /// The claims of the file or folder.
  var info: VideoInfo { get }
  /// Decodes the next frame and gives its time in seconds; nil at the end.
  func advance() -> Double?
  /// The frame of the last `advance()`, as RGB in the requested size.
  func image() throws -> RGBImage
  /// Whether there is a problem so far that concerns frames.
  var isDamaged: Bool { get }
  /// The problems found so far, one line each.
  ///
  /// - Parameters:
  ///   - decodedFrameCount: The number of frames so far.
  ///   - isAtEnd: Whether there are no more frames.
  func warnings(decodedFrameCount: Int, isAtEnd: Bool) -> [String]
}
