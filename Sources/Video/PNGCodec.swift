import CFFmpeg
import Foundation

/// PNG by FFmpeg's encoder: 8-bit red, green and blue, without loss.
/// `ImageFile` reads it.
public enum PNGCodec {
  /// A PNG file's bytes.
  ///
  /// - Parameter compression: zlib's level, 0 to 9; above 3 photographs shrink
  ///   little more and take much longer.
  /// - Throws: `VideoError.cannotEncode`, `.outOfMemory`.
  public static func encode(_ image: RGBImage, compression: Int = 3) throws -> Data {
    precondition((0...9).contains(compression), "PNG compression \(compression) is not in 0...9")
    FFmpegLibrary.prepare()
    guard image.width > 0, image.height > 0, image.width < 1 << 24, image.height < 1 << 24 else {
      throw VideoError.cannotEncode(
        path: "image", reason: "\(image.width)x\(image.height) pixels make no PNG")
    }
    guard let codec = avcodec_find_encoder(AV_CODEC_ID_PNG) else {
      throw VideoError.cannotEncode(path: "image", reason: "this FFmpeg has no PNG encoder")
    }
    var context = avcodec_alloc_context3(codec)
    var packet = av_packet_alloc()
    var frame = av_frame_alloc()
    defer {
      avcodec_free_context(&context)
      av_packet_free(&packet)
      av_frame_free(&frame)
    }
    guard let context, let packet, let frame else {
      throw VideoError.outOfMemory(path: "image", what: "a PNG encoder")
    }
    context.pointee.width = Int32(image.width)
    context.pointee.height = Int32(image.height)
    context.pointee.pix_fmt = AV_PIX_FMT_RGB24
    context.pointee.time_base = AVRational(num: 1, den: 25)
    context.pointee.thread_count = 1
    context.pointee.compression_level = Int32(compression)
    frame.pointee.width = context.pointee.width
    frame.pointee.height = context.pointee.height
    frame.pointee.format = AV_PIX_FMT_RGB24.rawValue
    var result = avcodec_open2(context, codec, nil)
    if result >= 0 { result = av_frame_get_buffer(frame, 0) }
    if result >= 0, let rows = frame.pointee.data.0 {
      let stride = Int(frame.pointee.linesize.0)
      let width = image.width * 3
      image.pixels.withUnsafeBytes { pixels in
        for y in 0..<image.height {
          UnsafeMutableRawBufferPointer(start: rows + y * stride, count: width)
            .copyMemory(from: UnsafeRawBufferPointer(rebasing: pixels[y * width..<(y + 1) * width]))
        }
      }
      result = avcodec_send_frame(context, frame)
    }
    if result >= 0 { result = avcodec_send_frame(context, nil) }
    if result >= 0 { result = avcodec_receive_packet(context, packet) }
    guard result >= 0, let bytes = packet.pointee.data else {
      throw VideoError.cannotEncode(path: "image", reason: FFmpegLibrary.message(result))
    }
    return Data(bytes: bytes, count: Int(packet.pointee.size))
  }
}
