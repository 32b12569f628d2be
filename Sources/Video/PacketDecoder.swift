import CFFmpeg

/// A stream's decoder: packets in, frames out, what is damaged counted and stepped
/// over.
final class PacketDecoder {
  /// What `receive()` found.
  enum Outcome {
    /// `frame` holds the next one.
    case frame
    /// Nothing until another packet is sent.
    case needsPacket
    /// Everything that was sent has come out.
    case finished
  }

  /// The frame that the last successful `receive()` gave.
  let frame: UnsafeMutablePointer<AVFrame>
  /// Packets that the decoder refused.
  private(set) var damagedPacketCount = 0
  /// Frames that the decoder marked as made from damaged data.
  private(set) var damagedFrameCount = 0

  private let context: UnsafeMutablePointer<AVCodecContext>
  private var isDraining = false
  private var drainFailures = 0

  /// Errors while draining after which a decoder that only repeats itself is given up.
  private static let patience = 64

  /// - Parameter threads: Threads of the decoder itself.
  /// - Throws: `VideoError.noDecoder`, or `.damaged` for a header that the decoder
  ///   refuses.
  init(container: VideoContainer, threads: Int) throws {
    let parameters = container.stream.pointee.codecpar
    guard let parameters, let codec = avcodec_find_decoder(parameters.pointee.codec_id) else {
      throw VideoError.noDecoder(path: container.path, codec: container.codecName)
    }
    var allocated = avcodec_alloc_context3(codec)
    var frame = av_frame_alloc()
    guard let context = allocated, let someFrame = frame else {
      avcodec_free_context(&allocated)
      av_frame_free(&frame)
      throw VideoError.outOfMemory(path: container.path, what: "a decoder")
    }
    self.context = context
    self.frame = someFrame
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
    avcodec_free_context(&context)
    av_frame_free(&frame)
  }

  /// Takes one packet; every frame that is ready must have been received before.
  ///
  /// - Parameter discardingNonReference: Whether a picture that no other one needs
  ///   is dropped undecoded. The decoder takes this with the packet, on every thread.
  /// - Returns: Whether the decoder accepts it; one that it refuses is counted.
  @discardableResult
  func send(
    _ packet: UnsafePointer<AVPacket>, discardingNonReference: Bool = false
  ) -> Bool {
    context.pointee.skip_frame =
      discardingNonReference ? AVDISCARD_NONREF : AVDISCARD_DEFAULT
    guard avcodec_send_packet(context, packet) >= 0 else {
      damagedPacketCount += 1
      return false
    }
    return true
  }

  /// Says that no packet follows, so that the frames held back come out.
  func sendEnd() {
    isDraining = true
    avcodec_send_packet(context, nil)
  }

  /// Forgets everything sent, for packets from another place.
  func restart() {
    avcodec_flush_buffers(context)
    isDraining = false
    drainFailures = 0
  }

  /// The next frame into `frame`, where there is one.
  func receive() -> Outcome {
    while true {
      let received = avcodec_receive_frame(context, frame)
      if received >= 0 {
        guard frame.pointee.width > 0, frame.pointee.height > 0 else { continue }
        if frame.pointee.flags & AV_FRAME_FLAG_CORRUPT != 0
          || frame.pointee.decode_error_flags != 0
        {
          damagedFrameCount += 1
        }
        return .frame
      }
      if received == kess_averror_eof { return .finished }
      if received == kess_averror_eagain { return isDraining ? .finished : .needsPacket }
      damagedPacketCount += 1
      guard isDraining else { return .needsPacket }
      // While draining each call takes a frame off the queue, damaged or not; a
      // decoder that only repeats its error must not keep us here.
      drainFailures += 1
      if drainFailures > Self.patience { return .finished }
    }
  }
}
