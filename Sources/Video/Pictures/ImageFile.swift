import CFFmpeg
import Foundation

/// Reads still images: JPEG by libjpeg, PNG, BMP, WebP, TIFF and PNM by FFmpeg's
/// decoders, GIF's first frame.
///
/// JPEG and PNG equal Pillow's `Image.open(path).convert("RGB")` in every sample: alpha is
/// dropped, palettes are resolved, gray is repeated, orientation tags are not applied.
public enum ImageFile {
  /// The picture in a file, recognised by its first bytes and not by its name.
  ///
  /// - Throws: `VideoError` for a missing or empty file, a folder, a damaged image, and an
  ///   unsupported format.
  public static func read(path: String) throws -> RGBImage {
    let data = try InputFile.read(path)
    guard let format = ImageFormat(of: data) else {
      throw VideoError.unsupportedImage(
        name: path, finding: "not an image of a known format",
        remedy: "give a JPEG, PNG, BMP, WebP, TIFF, PNM or GIF file")
    }
    switch format {
    case .jpeg:
      return try JPEGCodec.decode(data, name: path)
    case .gif:
      guard let frame = try VideoReader(path: path).nextFrame() else {
        throw VideoError.damagedImage(name: path, finding: "no frame decodes")
      }
      return frame.image
    case .png, .bmp, .webp, .tiff, .pnm:
      return try StillImageDecoder.decode(data, format: format, name: path)
    }
  }

  /// Whether the file begins like an image that `read` supports; false if it cannot be
  /// opened.
  public static func isImage(path: String) -> Bool {
    guard (try? InputFile.check(path)) != nil,
      let file = try? FileHandle(forReadingFrom: URL(fileURLWithPath: path))
    else { return false }
    defer { try? file.close() }
    guard let start = try? file.read(upToCount: 32) else { return false }
    return ImageFormat(of: start) != nil
  }
}

/// Image formats, recognised by the first bytes of a file.
enum ImageFormat {
  case jpeg, png, bmp, webp, tiff, pnm, gif

  /// The format with whose signature `data` begins; nil if there is none.
  init?(of data: Data) {
    let start = Array(data.prefix(16))
    func begins(_ bytes: [UInt8], at offset: Int = 0) -> Bool {
      start.dropFirst(offset).starts(with: bytes)
    }
    if begins([0xFF, 0xD8, 0xFF]) {
      self = .jpeg
    } else if begins([0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]) {
      self = .png
    } else if begins(Array("BM".utf8)), start.count == 16, begins([0, 0, 0, 0], at: 6) {
      self = .bmp
    } else if begins(Array("RIFF".utf8)), begins(Array("WEBP".utf8), at: 8) {
      self = .webp
    } else if begins([0x49, 0x49, 0x2A, 0]) || begins([0x4D, 0x4D, 0, 0x2A]) {
      self = .tiff
    } else if start.count > 3, start[0] == 0x50, (0x31...0x36).contains(start[1]),
      [0x09, 0x0A, 0x0D, 0x20].contains(start[2])
    {
      self = .pnm
    } else if begins(Array("GIF8".utf8)) {
      self = .gif
    } else {
      return nil
    }
  }
}

/// Decodes a still image that FFmpeg treats as one packet: PNG and simpler formats.
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
    // A PNG with wrong checksums or data must not pass with black rows.
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

/// Reads RGB from decoded image frames without colour arithmetic, like Pillow's
/// `convert("RGB")`.
enum RGBSamples {
  /// The frame as RGB. libswscale converts formats that need colour arithmetic.
  static func image(from frame: UnsafePointer<AVFrame>, name: String) throws -> RGBImage {
    let (width, height) = (Int(frame.pointee.width), Int(frame.pointee.height))
    guard let read = reader(of: frame.pointee),
      let plane = frame.pointee.data.0.map({ UnsafePointer($0) })
    else {
      return try FrameConverter(
        path: name, width: width, height: height, orientation: FrameOrientation()
      ).image(from: frame)
    }
    let stride = Int(frame.pointee.linesize.0)
    let count = width * height * 3
    let pixels = [UInt8](unsafeUninitializedCapacity: count) { target, initialized in
      if let base = target.baseAddress {
        for y in 0..<height { read(plane + y * stride, base + y * width * 3, width) }
      }
      initialized = count
    }
    return RGBImage(width: width, height: height, pixels: pixels)
  }

  /// Reads one row. Arguments: source, target, number of pixels.
  private typealias RowReader = (UnsafePointer<UInt8>, UnsafeMutablePointer<UInt8>, Int) -> Void

  private static func reader(of frame: AVFrame) -> RowReader? {
    switch AVPixelFormat(rawValue: frame.format) {
    case AV_PIX_FMT_RGB24: picking(step: 3, red: 0, green: 1, blue: 2)
    case AV_PIX_FMT_BGR24: picking(step: 3, red: 2, green: 1, blue: 0)
    case AV_PIX_FMT_RGBA, AV_PIX_FMT_RGB0: picking(step: 4, red: 0, green: 1, blue: 2)
    case AV_PIX_FMT_BGRA, AV_PIX_FMT_BGR0: picking(step: 4, red: 2, green: 1, blue: 0)
    case AV_PIX_FMT_ARGB: picking(step: 4, red: 1, green: 2, blue: 3)
    // 16-bit colour keeps its high bytes.
    case AV_PIX_FMT_RGB48BE: picking(step: 6, red: 0, green: 2, blue: 4)
    case AV_PIX_FMT_RGB48LE: picking(step: 6, red: 1, green: 3, blue: 5)
    case AV_PIX_FMT_RGBA64BE: picking(step: 8, red: 0, green: 2, blue: 4)
    case AV_PIX_FMT_RGBA64LE: picking(step: 8, red: 1, green: 3, blue: 5)
    case AV_PIX_FMT_GRAY8: picking(step: 1, red: 0, green: 0, blue: 0)
    case AV_PIX_FMT_YA8: picking(step: 2, red: 0, green: 0, blue: 0)
    case AV_PIX_FMT_YA16BE: picking(step: 4, red: 0, green: 0, blue: 0)
    case AV_PIX_FMT_GRAY16BE: clippingGray16
    case AV_PIX_FMT_PAL8:
      frame.data.1.map { lookingUp(UnsafeRawPointer($0)) }
    case AV_PIX_FMT_MONOBLACK: unpackingBits(inverted: 0)
    case AV_PIX_FMT_MONOWHITE: unpackingBits(inverted: 0xFF)
    default: nil
    }
  }

  private static func picking(step: Int, red: Int, green: Int, blue: Int) -> RowReader {
    { from, to, count in
      for x in 0..<count {
        to[x &* 3] = from[x &* step &+ red]
        to[x &* 3 &+ 1] = from[x &* step &+ green]
        to[x &* 3 &+ 2] = from[x &* step &+ blue]
      }
    }
  }

  /// Pillow stores 16-bit gray as integers and clips them at 255 in the conversion to RGB.
  private static let clippingGray16:
    @Sendable (
      UnsafePointer<UInt8>, UnsafeMutablePointer<UInt8>, Int
    ) -> Void = { from, to, count in
      for x in 0..<count {
        let value = from[x &* 2] == 0 ? from[x &* 2 &+ 1] : 255
        to[x &* 3] = value
        to[x &* 3 &+ 1] = value
        to[x &* 3 &+ 2] = value
      }
    }

  /// Palettes are 32-bit words in the processor's order: alpha, red, green, blue.
  private static func lookingUp(_ palette: UnsafeRawPointer) -> RowReader {
    { from, to, count in
      for x in 0..<count {
        let word = palette.loadUnaligned(fromByteOffset: Int(from[x]) * 4, as: UInt32.self)
        to[x &* 3] = UInt8(truncatingIfNeeded: word >> 16)
        to[x &* 3 &+ 1] = UInt8(truncatingIfNeeded: word >> 8)
        to[x &* 3 &+ 2] = UInt8(truncatingIfNeeded: word)
      }
    }
  }

  private static func unpackingBits(inverted: UInt8) -> RowReader {
    { from, to, count in
      for x in 0..<count {
        let bit = ((from[x >> 3] ^ inverted) >> UInt8(7 - x & 7)) & 1
        let value: UInt8 = bit == 0 ? 0 : 255
        to[x &* 3] = value
        to[x &* 3 &+ 1] = value
        to[x &* 3 &+ 2] = value
      }
    }
  }
}
