import Video

/// Bilinear resizing of 8-bit pictures to the bit as OpenCV's
/// `cv2.resize(…, INTER_LINEAR)`, which the released VadCLIP features went through.
///
/// Weights are rounded to 1/2048. A row of the source is first interpolated along
/// x in integers; two such rows are mixed after their last four bits are dropped.
/// Halving both sides exactly is a mean of four pixels, as OpenCV has it.
enum FixedPointBilinear {
  private static let one = 2048

  /// - Precondition: all sides are at least 1.
  static func resize(_ image: RGBImage, width: Int, height: Int) -> RGBImage {
    precondition(
      image.width > 0 && image.height > 0 && width > 0 && height > 0,
      "\(image.width)x\(image.height) pixels cannot become \(width)x\(height)")
    if image.width == width, image.height == height { return image }
    if image.width == 2 * width, image.height == 2 * height { return halved(image) }
    let columns = taps(from: image.width, to: width, clampsWeights: true)
    let rows = taps(from: image.height, to: height, clampsWeights: false)
    let samples = width * 3
    // Two interpolated source rows, kept while the next target row needs them.
    var upper = (row: -1, values: [Int32](repeating: 0, count: samples))
    var lower = upper
    let pixels = [UInt8](unsafeUninitializedCapacity: samples * height) { output, count in
      for (y, tap) in rows.enumerated() {
        if tap.first == lower.row { swap(&upper, &lower) }
        interpolate(image, row: tap.first, columns, into: &upper)
        interpolate(image, row: tap.second, columns, into: &lower)
        upper.values.withUnsafeBufferPointer { top in
          lower.values.withUnsafeBufferPointer { bottom in
            let target = y * samples
            for x in 0..<samples {
              let mixed =
                (tap.firstWeight * (top[x] >> 4)) >> 16
                + (tap.secondWeight * (bottom[x] >> 4)) >> 16
              output[target + x] = UInt8(truncatingIfNeeded: (mixed + 2) >> 2)
            }
          }
        }
      }
      count = samples * height
    }
    return RGBImage(width: width, height: height, pixels: pixels)
  }

  /// The two source places of a target place, and their weights in 1/2048.
  private struct Tap {
    var first: Int
    var second: Int
    var firstWeight: Int32
    var secondWeight: Int32
  }

  /// Along x OpenCV takes the outermost pixel alone at the edges; along y it takes
  /// it twice, with both weights, which rounds differently.
  private static func taps(from size: Int, to newSize: Int, clampsWeights: Bool) -> [Tap] {
    let scale = 1 / (Double(newSize) / Double(size))
    return (0..<newSize).map { place in
      let exact = Float((Double(place) + 0.5) * scale - 0.5)
      var first = Int(exact.rounded(.down))
      var fraction = exact - Float(first)
      if clampsWeights, first < 0 { (first, fraction) = (0, 0) }
      if clampsWeights, first >= size - 1 { (first, fraction) = (size - 1, 0) }
      func weight(_ value: Float) -> Int32 {
        Int32((value * Float(one)).rounded(.toNearestOrEven))
      }
      return Tap(
        first: min(max(first, 0), size - 1), second: min(max(first + 1, 0), size - 1),
        firstWeight: weight(1 - fraction), secondWeight: weight(fraction))
    }
  }

  private static func interpolate(
    _ image: RGBImage, row: Int, _ columns: [Tap], into line: inout (row: Int, values: [Int32])
  ) {
    guard line.row != row else { return }
    line.row = row
    image.pixels.withUnsafeBufferPointer { pixels in
      line.values.withUnsafeMutableBufferPointer { values in
        let start = row * image.width * 3
        for (x, tap) in columns.enumerated() {
          let (left, right) = (start + tap.first * 3, start + tap.second * 3)
          for channel in 0..<3 {
            values[x * 3 + channel] =
              Int32(pixels[left + channel]) * tap.firstWeight
              + Int32(pixels[right + channel]) * tap.secondWeight
          }
        }
      }
    }
  }

  private static func halved(_ image: RGBImage) -> RGBImage {
    let (width, height) = (image.width / 2, image.height / 2)
    let stride = image.width * 3
    var pixels: [UInt8] = []
    pixels.reserveCapacity(width * height * 3)
    for y in 0..<height {
      for x in 0..<width {
        for channel in 0..<3 {
          let place = 2 * y * stride + 6 * x + channel
          let sum =
            Int(image.pixels[place]) + Int(image.pixels[place + 3])
            + Int(image.pixels[place + stride]) + Int(image.pixels[place + stride + 3])
          pixels.append(UInt8((sum + 2) / 4))
        }
      }
    }
    return RGBImage(width: width, height: height, pixels: pixels)
  }
}
