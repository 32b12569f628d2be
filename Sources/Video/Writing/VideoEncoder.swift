import CFFmpeg

/// libx264 through libavcodec: RGB frames in, packets out.
final class VideoEncoder {
  /// The length of one frame in seconds, as a fraction.
  let timeBase: AVRational
  /// The number of frames so far.
  private(set) var frameCount = 0

  private let path: String
  private let context: UnsafeMutablePointer<AVCodecContext>
  private let frame: UnsafeMutablePointer<AVFrame>
  private let packet: UnsafeMutablePointer<AVPacket>
  private let scaler: OpaquePointer

  /// - Throws: `VideoError.encoderMissing`, `.cannotEncode`, `.outOfMemory`.
  init(
    path: String, width: Int, height: Int, frameRate: Int, crf: Int, keyFrameInterval: Int
  ) throws {
    guard let codec = avcodec_find_encoder_by_name("libx264") else {
      throw VideoError.encoderMissing(path: path, encoder: "libx264")
    }
    var allocated = avcodec_alloc_context3(codec)
    var frame = av_frame_alloc()
    var packet = av_packet_alloc()
    let scaler = sws_getContext(
      Int32(width), Int32(height), AV_PIX_FMT_RGB24, Int32(width), Int32(height),
      AV_PIX_FMT_YUV420P, SWS_BICUBIC | FrameConverter.exactFlags, nil, nil, nil)
    guard let context = allocated, let someFrame = frame, let somePacket = packet, let scaler
    else {
      avcodec_free_context(&allocated)
      av_frame_free(&frame)
      av_packet_free(&packet)
      sws_freeContext(scaler)
      throw VideoError.outOfMemory(path: path, what: "an encoder")
    }
    self.path = path
    self.context = context
    self.frame = someFrame
    self.packet = somePacket
    self.scaler = scaler
    timeBase = AVRational(num: 1, den: Int32(frameRate))
    let table = sws_getCoefficients(SWS_CS_ITU601)
    sws_setColorspaceDetails(scaler, table, 1, table, 0, 0, 1 << 16, 1 << 16)
    context.pointee.width = Int32(width)
    context.pointee.height = Int32(height)
    context.pointee.pix_fmt = AV_PIX_FMT_YUV420P
    context.pointee.time_base = timeBase
    context.pointee.framerate = AVRational(num: Int32(frameRate), den: 1)
    context.pointee.gop_size = Int32(keyFrameInterval)
    context.pointee.thread_count = 1
    context.pointee.colorspace = AVCOL_SPC_SMPTE170M
    context.pointee.color_primaries = AVCOL_PRI_SMPTE170M
    context.pointee.color_trc = AVCOL_TRC_SMPTE170M
    context.pointee.color_range = AVCOL_RANGE_MPEG
    context.pointee.flags |= AV_CODEC_FLAG_GLOBAL_HEADER | AV_CODEC_FLAG_BITEXACT
    av_opt_set(context.pointee.priv_data, "preset", "veryfast", 0)
    av_opt_set(context.pointee.priv_data, "crf", String(crf), 0)
    // With AVX-512, x264's macroblock tree (core 164) reads memory that it never wrote. The
    // bytes would then depend on earlier work of the process.
    try check(av_opt_set(context.pointee.priv_data, "mbtree", "0", 0))
    try check(avcodec_open2(context, codec, nil))
    someFrame.pointee.width = Int32(width)
    someFrame.pointee.height = Int32(height)
    someFrame.pointee.format = AV_PIX_FMT_YUV420P.rawValue
    try check(av_frame_get_buffer(someFrame, 0))
  }

  deinit {
    var context: UnsafeMutablePointer<AVCodecContext>? = context
    var frame: UnsafeMutablePointer<AVFrame>? = frame
    var packet: UnsafeMutablePointer<AVPacket>? = packet
    avcodec_free_context(&context)
    av_frame_free(&frame)
    av_packet_free(&packet)
    sws_freeContext(scaler)
  }

  /// Copies the stream's parameters for the muxer.
  func describe(_ stream: UnsafeMutablePointer<AVStream>) throws {
    try check(avcodec_parameters_from_context(stream.pointee.codecpar, context))
    stream.pointee.time_base = timeBase
    stream.pointee.avg_frame_rate = context.pointee.framerate
  }

  /// Encodes one picture of the encoder's size. `write` receives each ready packet.
  func encode(_ image: RGBImage, write: (UnsafeMutablePointer<AVPacket>) throws -> Void) throws {
    try check(av_frame_make_writable(frame))
    let rows = image.pixels.withUnsafeBufferPointer {
      kess_sws_from_packed(
        scaler, $0.baseAddress, Int32(image.width * 3), Int32(image.height), frame)
    }
    guard rows == Int32(image.height) else {
      throw VideoError.cannotEncode(path: path, reason: "a frame cannot be converted from RGB")
    }
    frame.pointee.pts = Int64(frameCount)
    try check(avcodec_send_frame(context, frame))
    frameCount += 1
    try drain(write)
  }

  /// Ends the stream. `write` receives the delayed packets.
  func flush(write: (UnsafeMutablePointer<AVPacket>) throws -> Void) throws {
    try check(avcodec_send_frame(context, nil))
    try drain(write)
  }

  private func drain(_ write: (UnsafeMutablePointer<AVPacket>) throws -> Void) throws {
    while true {
      let result = avcodec_receive_packet(context, packet)
      if result == kess_averror_eagain || result == kess_averror_eof { return }
      try check(result)
      defer { av_packet_unref(packet) }
      packet.pointee.duration = 1
      try write(packet)
    }
  }

  private func check(_ result: Int32) throws {
    guard result >= 0 else {
      throw VideoError.cannotEncode(path: path, reason: FFmpegLibrary.message(result))
    }
  }
}
