import Tensors
import Video

/// Antialiased resampling with results equal to Pillow's in every bit (`Image.resize` with
/// its default box, `libImaging/Resample.c`): a kernel widened by the scale when shrinking,
/// weights rounded to 22 fractional bits, rows first, then columns, each pass rounded to 8
/// bits.
package enum ResampleFilter: Int, Sendable {
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
  /// `height`: equal to cropping the whole result, at the cost of the window alone.
  ///
  /// - Precondition: the picture is not empty and the window lies within the result.
  package func resize(
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
    let narrow = ResamplingPass.alongRows(
      image.pixels, width: image.width, rows: firstRow..<endRow, horizontal)
    let pixels = ResamplingPass.alongColumns(
      narrow, line: columns.count * 3,
      vertical.map { ResamplingPass.Taps(start: $0.start - firstRow, weights: $0.weights) })
    return RGBImage(width: columns.count, height: rows.count, pixels: pixels)
  }

  private func taps(from size: Int, to newSize: Int, window: Range<Int>) -> [ResamplingPass.Taps] {
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
      return ResamplingPass.Taps(
        start: start,
        weights: weights.map {
          Int32(($0 < 0 ? -0.5 : 0.5) + $0 * Double(1 << ResamplingPass.fractionBits))
        })
    }
  }
}
