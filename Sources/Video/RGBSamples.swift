import CFFmpeg

/// Takes RGB out of decoded image frames without any arithmetic of colour: the
/// conversions of Pillow's `convert("RGB")`.
enum RGBSamples {
  /// The frame as RGB; formats that need colour arithmetic go through libswscale.
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

  /// Reads one row: from, to, pixels.
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

  /// Pillow holds 16-bit gray as integers and clips them at 255 on the way to RGB.
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
