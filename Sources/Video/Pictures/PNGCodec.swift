import CFFmpeg
import Foundation

/// PNG by libavcodec: lossless, 8-bit RGB.
public enum PNGCodec {
  /// A PNG file's bytes. Equal pictures give equal bytes.
  ///
  /// - Throws: `VideoError.encoderMissing` if libavcodec was built without PNG,
  ///   `.cannotEncode` for an empty picture, `.outOfMemory`.
  public static func encode(_ image: RGBImage) throws -> Data {
    FFmpegLibrary.prepare()
    guard let codec = avcodec_find_encoder(AV_CODEC_ID_PNG) else {
      throw VideoError.encoderMissing(path: "image", encoder: "png")
    }
    guard image.width > 0, image.height > 0 else {
      throw VideoError.cannotEncode(
        path: "image", reason: "\(image.width)x\(image.height) pixels hold no picture")
    }
    var allocated = avcodec_alloc_context3(codec)
    var allocatedFrame = av_frame_alloc()
    var allocatedPacket = av_packet_alloc()
    defer {
      avcodec_free_context(&allocated)
      av_frame_free(&allocatedFrame)
      av_packet_free(&allocatedPacket)
    }
    guard let context = allocated, let frame = allocatedFrame, let packet = allocatedPacket else {
      throw VideoError.outOfMemory(path: "image", what: "a PNG encoder")
    }
    context.pointee.width = Int32(image.width)
    context.pointee.height = Int32(image.height)
    context.pointee.pix_fmt = AV_PIX_FMT_RGB24
    context.pointee.time_base = AVRational(num: 1, den: 1)
    context.pointee.thread_count = 1
    try check(avcodec_open2(context, codec, nil))
    frame.pointee.width = Int32(image.width)
    frame.pointee.height = Int32(image.height)
    frame.pointee.format = AV_PIX_FMT_RGB24.rawValue
    try check(av_frame_get_buffer(frame, 0))
    guard let target = frame.pointee.data.0 else {
      throw VideoError.outOfMemory(path: "image", what: "a PNG encoder's picture")
    }
    let stride = Int(frame.pointee.linesize.0)
    let row = image.width * 3
    image.pixels.withUnsafeBufferPointer { source in
      guard let start = source.baseAddress else { return }
      for line in 0..<image.height {
        (target + line * stride).update(from: start + line * row, count: row)
      }
    }
    try check(avcodec_send_frame(context, frame))
    try check(avcodec_receive_packet(context, packet))
    guard let bytes = packet.pointee.data else {
      throw VideoError.cannotEncode(path: "image", reason: "the PNG encoder gave nothing")
    }
    return Data(bytes: bytes, count: Int(packet.pointee.size))
  }

  private static func check(_ result: Int32) throws {
    guard result >= 0 else {
      throw VideoError.cannotEncode(path: "image", reason: FFmpegLibrary.message(result))
    }
  }
}
