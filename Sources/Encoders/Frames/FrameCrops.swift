import Video

/// The parts of a frame that an image encoder gets; each part has a row of its own.
public enum FrameCrops: String, Codable, Sendable, CaseIterable {
  /// The whole frame: the encoder's own preprocessing crops it.
  case whole
  /// VadCLIP's crop 0, the centre.
  case vadclip1 = "vadclip-1"
  /// VadCLIP's crops 0 to 4: centre and corners.
  case vadclip5 = "vadclip-5"
  /// VadCLIP's crops 0 to 9: the five, then the same five mirrored.
  case vadclip10 = "vadclip-10"

  /// VadCLIP's geometry (`src/crop.py` of its authors): every frame becomes 340 wide and 256
  /// high, whatever its aspect ratio, by OpenCV's bilinear rule.
  public static let resizedWidth = 340
  public static let resizedHeight = 256
  /// The side of a crop, CLIP's own input: nothing is resized after it.
  public static let side = 224

  /// The number of rows per snippet.
  public var count: Int {
    switch self {
    case .whole, .vadclip1: 1
    case .vadclip5: 5
    case .vadclip10: 10
    }
  }

  /// The crops of `--crops count` in VadCLIP's geometry; nil for another number.
  public static func vadclip(_ count: Int) -> FrameCrops? {
    allCases.first { $0 != .whole && $0.count == count }
  }

  /// The names of the crops in their order.
  public var order: [String] {
    let five = ["centre", "top-left", "top-right", "bottom-left", "bottom-right"]
    return self == .whole ? ["whole"] : Array((five + five.map { "mirrored " + $0 }).prefix(count))
  }

  /// The geometry in words, for provenance.
  public var geometry: String {
    self == .whole
      ? "the encoder's own preprocessing of the whole frame"
      : "\(Self.resizedWidth)x\(Self.resizedHeight), aspect not kept, OpenCV's 8-bit bilinear "
        + "rule; crops of \(Self.side)x\(Self.side)"
  }

  /// The parts of a frame in order, `count` of them.
  ///
  /// - Precondition: the frame has pixels.
  public func pictures(of frame: RGBImage) -> [RGBImage] {
    guard self != .whole else { return [frame] }
    let resized = FixedPointBilinear.resize(
      frame, width: Self.resizedWidth, height: Self.resizedHeight)
    let right = Self.resizedWidth - Self.side
    let bottom = Self.resizedHeight - Self.side
    let places = [(right / 2, bottom / 2), (0, 0), (right, 0), (0, bottom), (right, bottom)]
    let five = places.prefix(count).map {
      resized.cropped(x: $0.0, y: $0.1, width: Self.side, height: Self.side)
    }
    return self == .vadclip10 ? five + five.map(Self.mirrored) : five
  }

  private static func mirrored(_ image: RGBImage) -> RGBImage {
    var result = image
    for y in 0..<image.height {
      for x in 0..<image.width {
        let source = (y * image.width + image.width - 1 - x) * 3
        let target = (y * image.width + x) * 3
        for channel in 0..<3 { result.pixels[target + channel] = image.pixels[source + channel] }
      }
    }
    return result
  }
}

/// Bilinear resizing of 8-bit pictures, equal to OpenCV's `cv2.resize(…, INTER_LINEAR)` in
/// every bit. The released VadCLIP features were made with it.
///
/// Weights are rounded to 1/2048. A row of the source is first interpolated along
/// x in integers; two such rows are mixed after their last four bits are dropped.
/// Halving both sides exactly is a mean of four pixels, as in OpenCV.
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

  /// The two source positions of a target position, and their weights in 1/2048.
  private struct Tap {
    var first: Int
    var second: Int
    var firstWeight: Int32
    var secondWeight: Int32
  }

  /// At the edges OpenCV uses the outermost pixel alone along x, but twice with both weights
  /// along y, which rounds differently.
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
