import CFFmpeg

/// Converts decoded frames to RGB of one size, in a single pass of libswscale.
///
/// Colour follows the frame's own tags (matrix, limited or full range); without
/// tags it is BT.601 limited, as in FFmpeg's own tools, so that pixels equal
/// `ffmpeg -sws_flags bicubic+accurate_rnd+bitexact+full_chroma_int`.
final class FrameConverter {
  /// Rounding independent of the processor, chroma at full resolution.
  static let exactFlags =
    SWS_ACCURATE_RND | SWS_BITEXACT | SWS_FULL_CHR_H_INT | SWS_FULL_CHR_H_INP

  /// The size of what comes out, before orientation, in pixels.
  let width: Int
  let height: Int
  private let path: String
  private let orientation: FrameOrientation
  private var context: OpaquePointer?
  private var source: Source?

  private struct Source: Equatable {
    var width: Int32
    var height: Int32
    var format: AVPixelFormat
    var matrix: UInt32
    var isFullRange: Bool
  }

  /// - Parameters:
  ///   - width: Width of the displayed result.
  ///   - height: Height of the displayed result.
  init(path: String, width: Int, height: Int, orientation: FrameOrientation) {
    self.path = path
    (self.width, self.height) = orientation.displayed(width: width, height: height)
    self.orientation = orientation
  }

  deinit { sws_freeContext(context) }

  /// The frame as RGB, scaled and turned.
  func image(from frame: UnsafePointer<AVFrame>) throws -> RGBImage {
    let (format, isFullRange) = Self.plainFormat(frame.pointee)
    let source = Source(
      width: frame.pointee.width, height: frame.pointee.height, format: format,
      matrix: frame.pointee.colorspace.rawValue, isFullRange: isFullRange)
    if source != self.source {
      sws_freeContext(context)
      context = nil
      self.source = nil
      context = try makeContext(source)
      self.source = source
    }
    let count = width * height * 3
    var written: Int32 = 0
    // 64 bytes more than needed, for vector stores past the last row's end.
    let pixels = [UInt8](unsafeUninitializedCapacity: count + 64) { buffer, initialized in
      written = kess_sws_to_packed(context, frame, buffer.baseAddress, Int32(width * 3))
      if written != Int32(height) { buffer.update(repeating: 0) }
      initialized = count
    }
    guard written == Int32(height) else {
      throw VideoError.damaged(path: path, finding: "a frame cannot be converted to RGB")
    }
    return orientation.apply(to: RGBImage(width: width, height: height, pixels: pixels))
  }

  private func makeContext(_ source: Source) throws -> OpaquePointer {
    guard let context = sws_alloc_context() else {
      throw VideoError.outOfMemory(path: path, what: "a frame converter")
    }
    let shrinks = width < Int(source.width) || height < Int(source.height)
    let options = UnsafeMutableRawPointer(context)
    av_opt_set_int(options, "srcw", Int64(source.width), 0)
    av_opt_set_int(options, "srch", Int64(source.height), 0)
    av_opt_set_int(options, "src_format", Int64(source.format.rawValue), 0)
    av_opt_set_int(options, "dstw", Int64(width), 0)
    av_opt_set_int(options, "dsth", Int64(height), 0)
    av_opt_set_int(options, "dst_format", Int64(AV_PIX_FMT_RGB24.rawValue), 0)
    av_opt_set_int(
      options, "sws_flags", Int64((shrinks ? SWS_AREA : SWS_BICUBIC) | Self.exactFlags), 0)
    if let layout = av_pix_fmt_desc_get(source.format), layout.pointee.log2_chroma_h == 1 {
      // Chroma rows lie half-way between luma rows in all 4:2:0 of today.
      av_opt_set_int(options, "src_v_chr_pos", 128, 0)
    }
    let table = sws_getCoefficients(Int32(bitPattern: source.matrix))
    let target = sws_getCoefficients(SWS_CS_DEFAULT)
    sws_setColorspaceDetails(
      context, table, source.isFullRange ? 1 : 0, target, 1, 0, 1 << 16, 1 << 16)
    guard sws_init_context(context, nil, nil) >= 0 else {
      sws_freeContext(context)
      let name = av_get_pix_fmt_name(source.format).map { String(cString: $0) } ?? "unknown"
      throw VideoError.damaged(
        path: path,
        finding: "no conversion from \(source.width)x\(source.height) \(name) "
          + "to \(width)x\(height) RGB")
    }
    return context
  }

  /// The pixel format without the old names that carried the range (`yuvj420p`),
  /// and whether samples use the full range.
  private static func plainFormat(_ frame: AVFrame) -> (AVPixelFormat, isFullRange: Bool) {
    let format = AVPixelFormat(rawValue: frame.format)
    switch format {
    case AV_PIX_FMT_YUVJ420P: return (AV_PIX_FMT_YUV420P, true)
    case AV_PIX_FMT_YUVJ422P: return (AV_PIX_FMT_YUV422P, true)
    case AV_PIX_FMT_YUVJ444P: return (AV_PIX_FMT_YUV444P, true)
    case AV_PIX_FMT_YUVJ440P: return (AV_PIX_FMT_YUV440P, true)
    case AV_PIX_FMT_YUVJ411P: return (AV_PIX_FMT_YUV411P, true)
    default: return (format, frame.color_range == AVCOL_RANGE_JPEG)
    }
  }
}
