import CFFmpeg

/// A picture of 8-bit red, green and blue samples, interleaved, rows from the
/// top, without padding.
public struct RGBImage: Sendable, Equatable {
  /// Width in pixels.
  public let width: Int
  /// Height in pixels.
  public let height: Int
  /// The samples: `pixels[(y * width + x) * 3 + channel]`.
  public var pixels: [UInt8]

  /// - Precondition: `pixels.count` is `width * height * 3`.
  public init(width: Int, height: Int, pixels: [UInt8]) {
    precondition(
      pixels.count == width * height * 3,
      "\(pixels.count) samples do not fill \(width)x\(height) RGB")
    self.width = width
    self.height = height
    self.pixels = pixels
  }

  /// A picture of one colour.
  public init(width: Int, height: Int, red: UInt8 = 0, green: UInt8 = 0, blue: UInt8 = 0) {
    var pixels = [UInt8](repeating: 0, count: width * height * 3)
    for index in 0..<width * height {
      pixels[index * 3] = red
      pixels[index * 3 + 1] = green
      pixels[index * 3 + 2] = blue
    }
    self.init(width: width, height: height, pixels: pixels)
  }
}

extension RGBImage {
  /// The picture at another size: area averages if it shrinks, bilinear if it only grows.
  /// For thumbnails and measurements; encoders have their own resampling.
  ///
  /// - Precondition: both sizes and both sides of the picture are at least 1.
  public func resized(width newWidth: Int, height newHeight: Int) -> RGBImage {
    precondition(
      newWidth > 0 && newHeight > 0 && width > 0 && height > 0,
      "\(width)x\(height) pixels cannot become \(newWidth)x\(newHeight)")
    if newWidth == width, newHeight == height { return self }
    FFmpegLibrary.prepare()
    let shrinks = newWidth < width || newHeight < height
    let count = newWidth * newHeight * 3
    guard
      let context = sws_getContext(
        Int32(width), Int32(height), AV_PIX_FMT_RGB24, Int32(newWidth), Int32(newHeight),
        AV_PIX_FMT_RGB24, (shrinks ? SWS_AREA : SWS_BILINEAR) | FrameConverter.exactFlags, nil,
        nil, nil)
    else {
      // libswscale refuses ratios beyond some hundreds, so an intermediate size comes first.
      let (halfWidth, halfHeight) = (max(newWidth, width / 16), max(newHeight, height / 16))
      precondition(
        halfWidth < width || halfHeight < height,
        "libswscale cannot make \(newWidth)x\(newHeight) of \(width)x\(height) pixels")
      return resized(width: halfWidth, height: halfHeight)
        .resized(width: newWidth, height: newHeight)
    }
    defer { sws_freeContext(context) }
    var rows: Int32 = 0
    let scaled = [UInt8](unsafeUninitializedCapacity: count + 64) { target, initialized in
      pixels.withUnsafeBufferPointer { source in
        rows = kess_sws_packed_to_packed(
          context, source.baseAddress, Int32(width * 3), Int32(height), target.baseAddress,
          Int32(newWidth * 3))
      }
      initialized = count
    }
    precondition(rows == Int32(newHeight), "libswscale made \(rows) of \(newHeight) rows")
    return RGBImage(width: newWidth, height: newHeight, pixels: scaled)
  }

  /// The part of the picture with its top left corner at (`x`, `y`).
  ///
  /// - Precondition: the part lies inside the picture.
  public func cropped(x: Int, y: Int, width newWidth: Int, height newHeight: Int) -> RGBImage {
    precondition(
      x >= 0 && y >= 0 && newWidth >= 0 && newHeight >= 0 && x + newWidth <= width
        && y + newHeight <= height,
      "\(newWidth)x\(newHeight) at (\(x), \(y)) is not inside \(width)x\(height)")
    var part: [UInt8] = []
    part.reserveCapacity(newWidth * newHeight * 3)
    for row in y..<y + newHeight {
      let start = (row * width + x) * 3
      part += pixels[start..<start + newWidth * 3]
    }
    return RGBImage(width: newWidth, height: newHeight, pixels: part)
  }
}

/// A colour of 8-bit red, green and blue.
public struct RGBColour: Sendable, Equatable {
  /// 0 to 255, like the other two.
  public let red: UInt8
  /// See `red`.
  public let green: UInt8
  /// See `red`.
  public let blue: UInt8

  /// A colour of red, green and blue.
  public init(_ red: UInt8, _ green: UInt8, _ blue: UInt8) {
    self.red = red
    self.green = green
    self.blue = blue
  }
}

extension RGBImage {
  /// Fills the part of a rectangle that is inside the picture.
  public mutating func fill(x: Int, y: Int, width: Int, height: Int, with colour: RGBColour) {
    let columns = max(0, x)..<max(0, x, min(self.width, x + width))
    let rows = max(0, y)..<max(0, y, min(self.height, y + height))
    let stride = self.width * 3
    pixels.withUnsafeMutableBufferPointer { target in
      for row in rows {
        var at = row &* stride &+ columns.lowerBound &* 3
        for _ in columns {
          target[at] = colour.red
          target[at &+ 1] = colour.green
          target[at &+ 2] = colour.blue
          at &+= 3
        }
      }
    }
  }

  /// Copies another picture into this one, with its top left corner at (`x`, `y`).
  ///
  /// - Precondition: it lies inside this picture.
  public mutating func paste(_ other: RGBImage, x: Int, y: Int) {
    precondition(
      x >= 0 && y >= 0 && x + other.width <= width && y + other.height <= height,
      "\(other.width)x\(other.height) at (\(x), \(y)) is not inside \(width)x\(height)")
    let row = other.width * 3
    for line in 0..<other.height {
      let start = ((y + line) * width + x) * 3
      pixels.replaceSubrange(
        start..<start + row, with: other.pixels[line * row..<(line + 1) * row])
    }
  }
}

/// A picture of 8-bit luma samples, rows from the top, without padding.
public struct GrayImage: Sendable, Equatable {
  /// Width in pixels.
  public let width: Int
  /// Height in pixels.
  public let height: Int
  /// The samples: `pixels[y * width + x]`.
  public var pixels: [UInt8]

  /// - Precondition: `pixels.count` is `width * height`.
  public init(width: Int, height: Int, pixels: [UInt8]) {
    precondition(
      pixels.count == width * height, "\(pixels.count) samples do not fill \(width)x\(height)")
    self.width = width
    self.height = height
    self.pixels = pixels
  }
}

extension RGBImage {
  /// BT.601 luma of full-range RGB, rounded, in the fixed-point weights of
  /// Pillow's `convert("L")`.
  public func gray() -> GrayImage {
    let count = width * height
    let luma = [UInt8](unsafeUninitializedCapacity: count) { target, initialized in
      pixels.withUnsafeBufferPointer { source in
        for index in 0..<count {
          let at = index &* 3
          let sum =
            UInt32(source[at]) &* 19595 &+ UInt32(source[at &+ 1]) &* 38470
            &+ UInt32(source[at &+ 2]) &* 7471 &+ 0x8000
          target[index] = UInt8(truncatingIfNeeded: sum >> 16)
        }
      }
      initialized = count
    }
    return GrayImage(width: width, height: height, pixels: luma)
  }
}
