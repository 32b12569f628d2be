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
