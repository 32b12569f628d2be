import Video

/// Which parts of a frame an image encoder sees; each part has a row of its own.
public enum FrameCrops: String, Codable, Sendable, CaseIterable {
  /// The frame as it is: the encoder's own preprocessing cuts it.
  case whole
  /// VadCLIP's crop 0, the centre.
  case vadclip1 = "vadclip-1"
  /// VadCLIP's crops 0 to 4: centre and corners.
  case vadclip5 = "vadclip-5"
  /// VadCLIP's crops 0 to 9: the five, then the same five mirrored.
  case vadclip10 = "vadclip-10"

  /// VadCLIP's geometry (`src/crop.py` of its authors): every frame becomes 340
  /// wide and 256 high, whatever its aspect, by OpenCV's bilinear rule.
  public static let resizedWidth = 340
  public static let resizedHeight = 256
  /// The side of a crop, CLIP's own input: nothing is resized after it.
  public static let side = 224

  /// How many rows a snippet gets.
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
