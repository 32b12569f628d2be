import CFFmpeg

/// Decodes a container's video stream to frames in display order, stepping over
/// what is damaged.
final class FrameDecoder {
  /// The frame that the last successful `advance()` decoded.
  let frame: UnsafeMutablePointer<AVFrame>
  /// Packets of the stream read so far.
  private(set) var packetCount = 0
  /// Those among them that the container marks as not to be shown.
  private(set) var hiddenPacketCount = 0
  /// Packets that the decoder refused.
  private(set) var damagedPacketCount = 0
  /// Frames that the decoder marked as made from damaged data.
  private(set) var damagedFrameCount = 0
  /// The demuxer's complaint that ended reading before the end of the file.
  private(set) var readFailure: String?

  private let container: VideoContainer
  private let context: UnsafeMutablePointer<AVCodecContext>
  private let packet: UnsafeMutablePointer<AVPacket>
  private var isFlushing = false
  private var isFinished = false
  private var drainFailures = 0

  /// Demuxer errors in a row after which the rest of a file is given up.
  private static let patience = 64

  /// - Throws: `VideoError.noDecoder`, or `.damaged` for a header that the decoder
  ///   refuses.
  init(container: VideoContainer, threads: Int) throws {
    self.container = container
    let parameters = container.stream.pointee.codecpar
    guard let parameters, let codec = avcodec_find_decoder(parameters.pointee.codec_id) else {
      throw VideoError.noDecoder(path: container.path, codec: container.codecName)
    }
    var allocated = avcodec_alloc_context3(codec)
    var frame = av_frame_alloc()
    var packet = av_packet_alloc()
    guard let context = allocated, let someFrame = frame, let somePacket = packet else {
      avcodec_free_context(&allocated)
      av_frame_free(&frame)
      av_packet_free(&packet)
      throw VideoError.outOfMemory(path: container.path, what: "a decoder")
    }
    self.context = context
    self.frame = someFrame
    self.packet = somePacket
    var result = avcodec_parameters_to_context(context, parameters)
    context.pointee.pkt_timebase = container.stream.pointee.time_base
    context.pointee.thread_count = Int32(max(1, threads))
    // A damaged header may claim any size; 16K pictures are the end of what is real.
    context.pointee.max_pixels = 1 << 28
    if result >= 0 { result = avcodec_open2(context, codec, nil) }
    guard result >= 0 else {
      throw VideoError.damaged(
        path: container.path,
        finding: "the \(container.codecName) decoder refuses the stream's header "
          + "(\(FFmpegLibrary.message(result)))")
    }
  }

  deinit {
    var context: UnsafeMutablePointer<AVCodecContext>? = context
    var frame: UnsafeMutablePointer<AVFrame>? = frame
    var packet: UnsafeMutablePointer<AVPacket>? = packet
    avcodec_free_context(&context)
    av_frame_free(&frame)
    av_packet_free(&packet)
  }

  /// Decodes the next frame into `frame`.
  ///
  /// - Returns: Whether there was one; false at the end.
  func advance() -> Bool {
    while !isFinished {
      let received = avcodec_receive_frame(context, frame)
      if received >= 0 {
        guard frame.pointee.width > 0, frame.pointee.height > 0 else { continue }
        if frame.pointee.flags & AV_FRAME_FLAG_CORRUPT != 0
          || frame.pointee.decode_error_flags != 0
        {
          damagedFrameCount += 1
        }
        return true
      }
      if received == kess_averror_eagain, !isFlushing {
        feed()
      } else if received == kess_averror_eof || received == kess_averror_eagain {
        isFinished = true
      } else if !isFlushing {
        damagedPacketCount += 1
        feed()
      } else {
        damagedPacketCount += 1
        // While draining each call takes a frame off the queue, damaged or not; a
        // decoder that only repeats its error must not keep us here.
        drainFailures += 1
        if drainFailures > Self.patience { isFinished = true }
      }
    }
    return false
  }
  /// Sends the next packet, or the end of the stream.
  private func feed() {
    var failures = 0
    while true {
      let result = av_read_frame(container.context, packet)
      if result >= 0 {
        failures = 0
        defer { av_packet_unref(packet) }
        guard packet.pointee.stream_index == container.stream.pointee.index else { continue }
        packetCount += 1
        if packet.pointee.flags & AV_PKT_FLAG_DISCARD != 0 { hiddenPacketCount += 1 }
        if avcodec_send_packet(context, packet) < 0 {
          damagedPacketCount += 1
          continue
        }
        return
      }
      failures += 1
      if result == kess_averror_eof || failures > Self.patience {
        if result != kess_averror_eof { readFailure = FFmpegLibrary.message(result) }
        isFlushing = true
        avcodec_send_packet(context, nil)
        return
      }
    }
  }
}
