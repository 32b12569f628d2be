import CFFmpeg
import Foundation
import Records

/// Writes frames as an H.264 MP4 (libx264 `veryfast`, one thread, BT.601 limited range).
/// Equal frames give equal bytes.
///
/// The file has a hidden name in the same folder until `finish()` renames it. A writer
/// released earlier leaves no file.
public final class VideoWriter {
  /// The path of the finished file.
  public let path: String
  /// Width of the frames, in pixels.
  public let width: Int
  /// Height of the frames, in pixels.
  public let height: Int

  private let encoder: VideoEncoder
  private let partPath: String
  private var context: UnsafeMutablePointer<AVFormatContext>?
  private var stream: UnsafeMutablePointer<AVStream>?
  private var isFinished = false

  /// Starts a file.
  ///
  /// - Parameters:
  ///   - frameRate: Frames per second.
  ///   - quality: x264's constant rate factor, 0 (lossless) to 51.
  ///   - keyFrameInterval: The greatest number of frames from one key frame to the next.
  /// - Throws: `VideoError.cannotEncode` for odd sizes, `.encoderMissing`,
  ///   `.cannotWrite`.
  public init(
    path: String, width: Int, height: Int, frameRate: Int, quality crf: Int = 26,
    keyFrameInterval: Int = 60
  ) throws {
    FFmpegLibrary.prepare()
    precondition(frameRate > 0 && keyFrameInterval > 0 && (0...51).contains(crf))
    guard width > 0, height > 0, width % 2 == 0, height % 2 == 0 else {
      throw VideoError.cannotEncode(
        path: path, reason: "\(width)x\(height) is not an even size, which 4:2:0 video needs")
    }
    self.path = path
    self.width = width
    self.height = height
    encoder = try VideoEncoder(
      path: path, width: width, height: height, frameRate: frameRate, crf: crf,
      keyFrameInterval: keyFrameInterval)
    let target = URL(fileURLWithPath: path)
    let folder = target.deletingLastPathComponent()
    do {
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    } catch {
      throw VideoError.cannotWrite(path: path, reason: "its folder cannot be made")
    }
    partPath =
      folder.appendingPathComponent(
        ".\(target.lastPathComponent).\(UUID().uuidString).part"
      ).path
    try openMuxer(frameRate: frameRate)
  }

  deinit {
    closeMuxer()
    if !isFinished { unlink(partPath) }
  }

  /// Adds the next frame.
  ///
  /// - Precondition: the picture has the writer's size, and `finish()` was not called.
  public func append(_ image: RGBImage) throws {
    precondition(!isFinished, "\(path): a frame after finish()")
    precondition(
      image.width == width && image.height == height,
      "\(path): a \(image.width)x\(image.height) frame in a \(width)x\(height) video")
    try encoder.encode(image) { try write($0) }
  }

  /// Completes the file and renames it.
  ///
  /// - Throws: `VideoError.cannotEncode` if there was no frame, `.cannotWrite`.
  public func finish() throws {
    guard !isFinished else { return }
    guard encoder.frameCount > 0 else {
      throw VideoError.cannotEncode(path: path, reason: "no frame was given")
    }
    try encoder.flush { try write($0) }
    try check(av_write_trailer(context))
    try check(avio_closep(&context!.pointee.pb))  // Open since init, until closeMuxer().
    closeMuxer()
    let part = partPath
    try AtomicFile.write(to: URL(fileURLWithPath: path)) { temporary in
      guard rename(part, temporary.path) == 0 else {
        throw VideoError.cannotWrite(path: path, reason: String(cString: strerror(errno)))
      }
    }
    isFinished = true
  }

  private func openMuxer(frameRate: Int) throws {
    try check(avformat_alloc_output_context2(&context, nil, "mp4", nil))
    guard let context, let stream = avformat_new_stream(context, nil) else {
      throw VideoError.outOfMemory(path: path, what: "an MP4 writer")
    }
    self.stream = stream
    context.pointee.flags |= AVFMT_FLAG_BITEXACT
    try encoder.describe(stream)
    try check(avio_open2(&context.pointee.pb, "file:" + partPath, AVIO_FLAG_WRITE, nil, nil))
    try check(avformat_write_header(context, nil))
  }

  private func closeMuxer() {
    guard let context else { return }
    avio_closep(&context.pointee.pb)
    avformat_free_context(context)
    self.context = nil
  }

  private func write(_ packet: UnsafeMutablePointer<AVPacket>) throws {
    guard let stream else { return }
    packet.pointee.stream_index = stream.pointee.index
    av_packet_rescale_ts(packet, encoder.timeBase, stream.pointee.time_base)
    try check(av_interleaved_write_frame(context, packet))
  }

  private func check(_ result: Int32) throws {
    guard result >= 0 else {
      throw VideoError.cannotWrite(path: path, reason: FFmpegLibrary.message(result))
    }
  }
}
