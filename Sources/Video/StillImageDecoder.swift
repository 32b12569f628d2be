import CFFmpeg
import Foundation

/// Decodes a still image that is one packet to FFmpeg: PNG and simpler formats.
enum StillImageDecoder {
  /// - Throws: `VideoError.damagedImage`, `.noDecoder`.
  static func decode(_ data: Data, format: ImageFormat, name: String) throws -> RGBImage {
    FFmpegLibrary.prepare()
    let identifier = codec(for: format, data: data)
    guard let codec = avcodec_find_decoder(identifier) else {
      throw VideoError.noDecoder(path: name, codec: String(cString: avcodec_get_name(identifier)))
    }
    var context = avcodec_alloc_context3(codec)
    var packet = av_packet_alloc()
    var frame = av_frame_alloc()
    defer {
      avcodec_free_context(&context)
      av_packet_free(&packet)
      av_frame_free(&frame)
    }
    guard let context, let packet, let frame,
      av_new_packet(packet, Int32(clamping: data.count)) >= 0
    else {
      throw VideoError.outOfMemory(path: name, what: "an image decoder")
    }
    data.copyBytes(to: packet.pointee.data, count: Int(packet.pointee.size))
    context.pointee.thread_count = 1
    context.pointee.max_pixels = 1 << 28
    // A PNG whose checksums or data are wrong must not pass with black rows.
    context.pointee.err_recognition = AV_EF_CRCCHECK | AV_EF_EXPLODE
    var result = avcodec_open2(context, codec, nil)
    if result >= 0 { result = avcodec_send_packet(context, packet) }
    if result >= 0 {
      avcodec_send_packet(context, nil)
      result = avcodec_receive_frame(context, frame)
    }
    guard result >= 0 else {
      throw VideoError.damagedImage(name: name, finding: FFmpegLibrary.message(result))
    }
    if frame.pointee.flags & AV_FRAME_FLAG_CORRUPT != 0 || frame.pointee.decode_error_flags != 0 {
      throw VideoError.damagedImage(name: name, finding: "the data ends early or is altered")
    }
    return try RGBSamples.image(from: frame, name: name)
  }

  private static func codec(for format: ImageFormat, data: Data) -> AVCodecID {
    switch format {
    case .png: return AV_CODEC_ID_PNG
    case .bmp: return AV_CODEC_ID_BMP
    case .webp: return AV_CODEC_ID_WEBP
    case .tiff: return AV_CODEC_ID_TIFF
    case .jpeg: return AV_CODEC_ID_MJPEG
    case .gif: return AV_CODEC_ID_GIF
    case .pnm:
      switch data.dropFirst().first {
      case 0x31, 0x34: return AV_CODEC_ID_PBM
      case 0x32, 0x35: return AV_CODEC_ID_PGM
      default: return AV_CODEC_ID_PPM
      }
    }
  }
}
