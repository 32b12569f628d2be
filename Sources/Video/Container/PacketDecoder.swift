import CFFmpeg

/// A stream's decoder: packets in, frames out. Counts and skips damaged data.
final class PacketDecoder {
  /// The result of `receive()`.
  enum Outcome {
    /// `frame` contains the next frame.
    case frame
    /// No frame until another packet is sent.
    case needsPacket
    /// All frames of the sent packets were received.
    case finished
  }

  /// The frame of the last successful `receive()`.
  let frame: UnsafeMutablePointer<AVFrame>
  /// The number of packets that the decoder refused.
  private(set) var damagedPacketCount = 0
  /// The number of frames that the decoder marked as damaged.
  private(set) var damagedFrameCount = 0

  private let context: UnsafeMutablePointer<AVCodecContext>
  private var isDraining = false
  private var drainFailures = 0

  /// The number of errors while draining after which a decoder counts as finished.
  private static let patience = 64

  /// - Parameter threads: Threads of the decoder itself.
  /// - Throws: `VideoError.noDecoder`, or `.damaged` if the decoder refuses the header.
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
    // A damaged header may claim any size. Real pictures have at most 16K.
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

  /// Sends one packet. Receive every ready frame before.
  ///
  /// - Parameter discardingNonReference: Whether to drop a picture that no other picture
  ///   needs, without decoding it. The decoder stores this per packet, for every thread.
  /// - Returns: Whether the decoder accepts the packet. Refused packets are counted.
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

  /// Ends the packets, so that the decoder gives its delayed frames.
  func sendEnd() {
    isDraining = true
    avcodec_send_packet(context, nil)
  }

  /// Discards everything that was sent, before packets from another place.
  func restart() {
    avcodec_flush_buffers(context)
    isDraining = false
    drainFailures = 0
  }

  /// Receives the next frame into `frame`, if there is one.
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
      // While draining, each call removes a frame from the queue, damaged or not. A
      // decoder that only repeats its error must not block here.
      drainFailures += 1
      if drainFailures > Self.patience { return .finished }
    }
  }
}
