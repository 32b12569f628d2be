/// What a block's colour looks like, told by fixed rules of thumb.
public struct MotionColour: Sendable {
  /// Brightness (BT.601 luma) in 0...255.
  public let brightness: Float
  /// Saturation as in HSV, 0...1.
  public let saturation: Float
  /// Hue in sixths of the circle, 0..<6 from red over yellow and green; 0 for grey.
  public let hue: Float

  public init(red: Float, green: Float, blue: Float) {
    brightness = 0.299 * red + 0.587 * green + 0.114 * blue
    let greatest = max(red, green, blue)
    let range = greatest - min(red, green, blue)
    saturation = greatest > 0 ? range / greatest : 0
    if range <= 0 {
      hue = 0
    } else if greatest == red {
      let sixth = (green - blue) / range
      hue = sixth < 0 ? sixth + 6 : sixth
    } else if greatest == green {
      hue = (blue - red) / range + 2
    } else {
      hue = (red - green) / range + 4
    }
  }

  /// Bright and between red and yellow: as fire is (and a sunset, and a yellow
  /// coat).
  public var isFireLike: Bool {
    brightness > 110 && saturation > 0.35 && (hue < 1.05 || hue > 5.9)
  }

  /// Grey of middle brightness: as smoke is (and asphalt): only what newly
  /// appears is worth a look.
  public var isSmokeLike: Bool {
    saturation < 0.18 && brightness > 50 && brightness < 200
  }
}

extension MotionImage {
  /// The colour of a block.
  public func colour(_ block: Int) -> MotionColour {
    MotionColour(red: red[block], green: green[block], blue: blue[block])
  }
}
