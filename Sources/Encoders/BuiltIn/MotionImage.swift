import Video

/// A frame as the motion analysis sees it: brightness at three scales and colour
/// on a grid of blocks.
///
/// The working size has a longest side of `longestSide` pixels (never enlarged,
/// except that each side has at least `shortestSide`); blocks are `blockSide`
/// pixels wide and high.
public struct MotionImage: Sendable {
  public static let longestSide = 160
  public static let shortestSide = 48
  public static let blockSide = 8

  /// Working size in pixels.
  public let width: Int
  public let height: Int
  /// Brightness (BT.601 luma) in 0...255, row by row, at the working size, at half
  /// and at a quarter of it.
  let levels: [MotionPlane]
  /// Blocks across and down.
  public let columns: Int
  public let rows: Int
  /// The mean colour of each block in 0...255, row by row.
  public let red: [Float]
  public let green: [Float]
  public let blue: [Float]

  /// Reduces a picture to the working size by averaging.
  public init(_ image: RGBImage) {
    let size = Self.workingSize(width: image.width, height: image.height)
    width = size.width
    height = size.height
    columns = size.width / Self.blockSide
    rows = size.height / Self.blockSide
    let planes = MotionPlane.reduced(image, width: width, height: height)
    (red, green, blue) = (
      planes.red.blockMeans(side: Self.blockSide), planes.green.blockMeans(side: Self.blockSide),
      planes.blue.blockMeans(side: Self.blockSide)
    )
    let luma = MotionPlane.luma(planes.red, planes.green, planes.blue)
    let half = luma.halved()
    levels = [luma, half, half.halved()]
  }

  /// Brightness at the working size.
  public var luma: MotionPlane { levels[0] }

  /// The number of blocks.
  public var blockCount: Int { columns * rows }

  /// The size in which frames of this size are analysed.
  static func workingSize(width: Int, height: Int) -> (width: Int, height: Int) {
    let size = VideoScaling.longestSide(longestSide).size(width: width, height: height)
    return (max(shortestSide, size.width), max(shortestSide, size.height))
  }
}
