import Video

/// Antialiased resampling, bit for bit as Pillow does it (`Image.resize` with
/// its default box, `libImaging/Resample.c`): a kernel widened by the scale
/// when shrinking, weights rounded to 22 fractional bits, rows first, then
/// columns, each pass rounded to 8 bits.
public enum ResampleFilter: Int, Sendable {
  /// Triangle, support 1. The raw values are Pillow's, which configurations use.
  case bilinear = 2
  /// Keys' cubic with a = -0.5, support 2.
  case bicubic = 3

  private var support: Double { self == .bilinear ? 1 : 2 }

  private func weight(_ distance: Double) -> Double {
    let x = abs(distance)
    switch self {
    case .bilinear: return x < 1 ? 1 - x : 0
    case .bicubic:
      let a = -0.5
      if x < 1 { return ((a + 2) * x - (a + 3)) * x * x + 1 }
      if x < 2 { return (((x - 5) * x + 8) * x - 4) * a }
      return 0
    }
  }

  /// The window `columns` x `rows` of the picture resized to `width` x
  /// `height`: equal to cutting it out of the whole result, at the window's cost.
  ///
  /// - Precondition: the picture is not empty and the window lies within the result.
  public func resize(
    _ image: RGBImage, width: Int, height: Int, columns: Range<Int>, rows: Range<Int>
  ) -> RGBImage {
    precondition(image.width > 0 && image.height > 0, "an empty picture")
    precondition(
      columns.lowerBound >= 0 && columns.upperBound <= width && rows.lowerBound >= 0
        && rows.upperBound <= height, "window \(columns) x \(rows) of \(width)x\(height)")
    let vertical = taps(from: image.height, to: height, window: rows)
    guard let firstRow = vertical.map(\.start).min(),
      let endRow = vertical.map({ $0.start + $0.weights.count }).max(), !columns.isEmpty
    else { return RGBImage(width: columns.count, height: rows.count) }
    let horizontal = taps(from: image.width, to: width, window: columns)
    let narrow = Self.resizeRows(image, firstRow..<endRow, horizontal)
    return Self.resizeColumns(narrow, width: columns.count, firstRow: firstRow, vertical)
  }

  private struct Taps {
    var start: Int
    var weights: [Int32]
  }

  private static let fractionBits: Int32 = 22

  private func taps(from size: Int, to newSize: Int, window: Range<Int>) -> [Taps] {
    let scale = Double(size) / Double(newSize)
    let filterScale = max(scale, 1)
    let support = self.support * filterScale
    let inverse = 1 / filterScale
    return window.map { index in
      let center = (Double(index) + 0.5) * scale
      let start = max(0, Int(center - support + 0.5))
      let end = min(size, Int(center + support + 0.5))
      var weights = (start..<end).map { weight((Double($0) - center + 0.5) * inverse) }
      let total = weights.reduce(0, +)
      if total != 0 { for tap in weights.indices { weights[tap] /= total } }
      return Taps(
        start: start,
        weights: weights.map {
          Int32(($0 < 0 ? -0.5 : 0.5) + $0 * Double(1 << Self.fractionBits))
        })
    }
  }

  @inline(__always)
  private static func rounded(_ sum: Int32) -> UInt8 {
    UInt8(truncatingIfNeeded: min(max(sum >> fractionBits, 0), 255))
  }

  private static func resizeRows(_ image: RGBImage, _ rows: Range<Int>, _ taps: [Taps]) -> [UInt8] {
    let width = taps.count
    return [UInt8](unsafeUninitializedCapacity: rows.count * width * 3) { output, count in
      count = rows.count * width * 3
      image.pixels.withUnsafeBufferPointer { pixels in
        for (column, tap) in taps.enumerated() {
          tap.weights.withUnsafeBufferPointer { weights in
            for (line, row) in rows.enumerated() {
              var red: Int32 = 1 << (fractionBits - 1)
              var green = red
              var blue = red
              var source = (row * image.width + tap.start) * 3
              for index in 0..<weights.count {
                let weight = weights[index]
                red &+= Int32(pixels[source]) &* weight
                green &+= Int32(pixels[source + 1]) &* weight
                blue &+= Int32(pixels[source + 2]) &* weight
                source += 3
              }
              let target = (line * width + column) * 3
              output[target] = rounded(red)
              output[target + 1] = rounded(green)
              output[target + 2] = rounded(blue)
            }
          }
        }
      }
    }
  }

  private static func resizeColumns(
    _ pixels: [UInt8], width: Int, firstRow: Int, _ taps: [Taps]
  ) -> RGBImage {
    let line = width * 3
    var sums = [Int32](repeating: 0, count: line)
    let output = [UInt8](unsafeUninitializedCapacity: taps.count * line) { output, count in
      count = taps.count * line
      pixels.withUnsafeBufferPointer { pixels in
        sums.withUnsafeMutableBufferPointer { sums in
          for (row, tap) in taps.enumerated() {
            for index in 0..<line { sums[index] = 1 << (fractionBits - 1) }
            for (offset, weight) in tap.weights.enumerated() {
              let source = (tap.start - firstRow + offset) * line
              for index in 0..<line { sums[index] &+= Int32(pixels[source + index]) &* weight }
            }
            for index in 0..<line { output[row * line + index] = rounded(sums[index]) }
          }
        }
      }
    }
    return RGBImage(width: width, height: taps.count, pixels: output)
  }
}
