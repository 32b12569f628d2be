import CFFmpeg

extension RGBImage {
  /// The picture at another size: area averages where it shrinks, bilinear where it
  /// only grows. For thumbnails and measurements; encoders resample by themselves.
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
      // libswscale refuses ratios beyond some hundreds: half-way first.
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

  /// The part of the picture whose top left corner is at (`x`, `y`).
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
