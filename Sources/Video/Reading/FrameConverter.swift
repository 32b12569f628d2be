import CFFmpeg

/// Converts decoded frames to RGB of one size, in a single pass of libswscale.
///
/// Colour follows the frame's own tags (matrix, limited or full range). Without tags it is
/// BT.601 limited, as in FFmpeg's own tools, so that pixels equal
/// `ffmpeg -vf scale=flags=bicubic+accurate_rnd+bitexact+full_chroma_int` to `rgb24`.
/// libswscale writes planes, because its vector code for the exact flags does not support
/// packed RGB (2.2 times the total speed at 1280x720). One further pass interleaves the
/// planes and turns the picture for display.
final class FrameConverter {
  /// Rounding independent of the processor, chroma at full resolution.
  static let exactFlags =
    SWS_ACCURATE_RND | SWS_BITEXACT | SWS_FULL_CHR_H_INT | SWS_FULL_CHR_H_INP

  /// Width of the result before orientation, in pixels.
  let width: Int
  /// Height of the result before orientation, in pixels.
  let height: Int
  private let path: String
  private let orientation: FrameOrientation
  private let mask: RegionRaster?
  private let stride: Int
  private let planes: UnsafeMutableBufferPointer<UInt8>
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
  ///   - mask: The regions of the displayed result that are ignored.
  init(
    path: String, width: Int, height: Int, orientation: FrameOrientation, mask: RegionMask? = nil
  ) {
    self.path = path
    (self.width, self.height) = orientation.displayed(width: width, height: height)
    self.orientation = orientation
    self.mask = mask.map { RegionRaster($0, width: width, height: height) }
    stride = (self.width + 63) & ~63
    // One extra row for vector stores past the end of the last row.
    planes = .allocate(capacity: stride * self.height * 3 + stride)
  }

  deinit {
    sws_freeContext(context)
    planes.deallocate()
  }

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
    let plane = stride * height
    guard let green = planes.baseAddress,
      kess_sws_to_planes(context, frame, green, plane, Int32(stride)) == Int32(height)
    else {
      throw VideoError.damaged(path: path, finding: "a frame cannot be converted to RGB")
    }
    var image = orientation.interleaved(
      red: green + 2 * plane, green: green, blue: green + plane, width: width, height: height,
      stride: stride)
    mask?.cover(&image)
    return image
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
    av_opt_set_int(options, "dst_format", Int64(AV_PIX_FMT_GBRP.rawValue), 0)
    av_opt_set_int(
      options, "sws_flags", Int64((shrinks ? SWS_AREA : SWS_BICUBIC) | Self.exactFlags), 0)
    if let layout = av_pix_fmt_desc_get(source.format), layout.pointee.log2_chroma_h == 1 {
      // In all current 4:2:0 video, chroma rows lie halfway between luma rows.
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

  /// The pixel format without the old names that include the range (`yuvj420p`), and
  /// whether samples use the full range.
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

/// The turn from a coded to a displayed picture: one of the eight combinations of quarter
/// turns and mirrors.
package struct FrameOrientation: Equatable {
  /// Rows of the coded picture become columns.
  package var swapsAxes = false
  /// After the swap, left and right are exchanged.
  package var mirrorsHorizontally = false
  /// After the swap, top and bottom are exchanged.
  package var mirrorsVertically = false

  /// As coded.
  package init() {}

  /// From a display matrix, `(x', y') = (a x + c y, b x + d y)` with `a b` its
  /// first row and `c d` its second (libavutil/display.h); nil if it does not
  /// consist of quarter turns.
  package init?(displayMatrix matrix: UnsafePointer<Int32>) {
    let (a, b) = (Double(matrix[0]), Double(matrix[1]))
    let (c, d) = (Double(matrix[3]), Double(matrix[4]))
    let straight = min(abs(a), abs(d))
    let crossed = min(abs(b), abs(c))
    // A tilt below two degrees is a phone's rounding error.
    if straight > 0, max(abs(b), abs(c)) < straight * 0.035 {
      mirrorsHorizontally = a < 0
      mirrorsVertically = d < 0
    } else if crossed > 0, max(abs(a), abs(d)) < crossed * 0.035 {
      swapsAxes = true
      mirrorsHorizontally = c < 0
      mirrorsVertically = b < 0
    } else {
      return nil
    }
  }

  /// The size after turning.
  package func displayed(width: Int, height: Int) -> (width: Int, height: Int) {
    swapsAxes ? (height, width) : (width, height)
  }

  /// Three planes of a coded picture as interleaved RGB, turned for display.
  ///
  /// - Parameters:
  ///   - width: Width of the coded picture.
  ///   - height: Height of the coded picture.
  ///   - stride: Bytes from one row of a plane to the next.
  package func interleaved(
    red: UnsafePointer<UInt8>, green: UnsafePointer<UInt8>, blue: UnsafePointer<UInt8>,
    width codedWidth: Int, height codedHeight: Int, stride: Int
  ) -> RGBImage {
    let (width, height) = displayed(width: codedWidth, height: codedHeight)
    let column = (swapsAxes ? stride : 1) * (mirrorsHorizontally ? -1 : 1)
    let row = (swapsAxes ? 1 : stride) * (mirrorsVertically ? -1 : 1)
    let start =
      (mirrorsHorizontally ? -column * (width - 1) : 0)
      + (mirrorsVertically ? -row * (height - 1) : 0)
    let count = width * height * 3
    let pixels = [UInt8](unsafeUninitializedCapacity: count) { target, initialized in
      if var to = target.baseAddress {
        for y in 0..<height {
          let first = start &+ y &* row
          for x in 0..<width {
            let from = first &+ x &* column
            to[0] = red[from]
            to[1] = green[from]
            to[2] = blue[from]
            to += 3
          }
        }
      }
      initialized = count
    }
    return RGBImage(width: width, height: height, pixels: pixels)
  }
}
