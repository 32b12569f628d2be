/// A colour of 8-bit red, green and blue.
public struct RGBColour: Sendable, Equatable {
  /// 0 to 255, as the other two.
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
  /// Fills a rectangle, as much of it as is inside the picture.
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

  /// Copies another picture in, its top left corner at (`x`, `y`).
  ///
  /// - Precondition: it lies inside this one.
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
