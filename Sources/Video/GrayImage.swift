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
