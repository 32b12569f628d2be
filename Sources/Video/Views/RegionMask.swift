import Foundation
import Records

/// The regions of a picture that are ignored, such as a burned-in clock, a tree or a flag.
///
/// Regions are polygons in relative coordinates, (0, 0) the top left and (1, 1) the bottom
/// right of the displayed picture, or a black and white picture of any size in which black is
/// ignored. The ignored pixels get one colour, with half a pixel's margin, so that nothing of
/// them reaches an encoder whatever the size of the frames.
public struct RegionMask: Sendable, Hashable {
  /// A point in relative coordinates.
  public struct Point: Sendable, Hashable {
    public var x: Double
    public var y: Double

    public init(x: Double, y: Double) {
      self.x = x
      self.y = y
    }
  }

  private enum Shape: Sendable, Hashable {
    case polygons([[Point]])
    /// Row by row, true where ignored.
    case bitmap(width: Int, height: Int, ignored: [Bool])
  }

  /// The colour of ignored pixels: the mean of CLIP's training pictures, which CLIP's
  /// normalisation turns into zeros (Radford et al. 2021, `image_mean`).
  public static let fill: (red: UInt8, green: UInt8, blue: UInt8) = (123, 117, 104)

  private let shape: Shape
  /// SHA-256 of the regions: equal for equal regions, whatever the file's layout.
  public let sha256: String

  private init(_ shape: Shape) {
    self.shape = shape
    var hash = ContentHash()
    switch shape {
    case .polygons(let polygons):
      for polygon in polygons {
        hash.update("polygon")
        for point in polygon { hash.update("\(point.x),\(point.y)") }
      }
    case .bitmap(let width, let height, let ignored):
      hash.update("bitmap \(width)x\(height)")
      hash.update(ignored.map { $0 ? "1" : "0" }.joined())
    }
    sha256 = hash.finalize()
  }

  /// A mask of polygons.
  ///
  /// - Parameters:
  ///   - polygons: three points or more each, every coordinate from 0 to 1.
  ///   - name: the file's path or the option, for errors.
  /// - Throws: `VideoError.badMask`.
  public init(polygons: [[Point]], name: String) throws {
    guard !polygons.isEmpty else {
      throw VideoError.badMask(
        path: name, finding: "no polygon", expected: "one or more lists of points")
    }
    for (number, polygon) in polygons.enumerated() {
      guard polygon.count >= 3 else {
        throw VideoError.badMask(
          path: name, finding: "polygon \(number + 1) with \(polygon.count) points",
          expected: "three or more")
      }
      for point in polygon {
        guard let bad = [point.x, point.y].first(where: { !(0...1).contains($0) }) else {
          continue
        }
        throw VideoError.badMask(
          path: name, finding: "the coordinate \(bad) in polygon \(number + 1)",
          expected: "shares of the picture from 0 to 1; divide pixels by its width and height")
      }
    }
    self.init(.polygons(polygons))
    try refuseExtremes(name)
  }

  /// A mask of a black and white picture: black is ignored, white is kept.
  ///
  /// - Throws: `VideoError.badMask` for a picture with other colours.
  init(picture: RGBImage, name: String) throws {
    let pixels = picture.pixels
    let count = picture.width * picture.height
    var ignored = [Bool](repeating: false, count: count)
    var others = 0
    for pixel in 0..<count {
      let (red, green, blue) = (pixels[3 * pixel], pixels[3 * pixel + 1], pixels[3 * pixel + 2])
      ignored[pixel] = Int(red) + Int(green) + Int(blue) < 384
      if max(red, green, blue) >= 64, min(red, green, blue) < 192 { others += 1 }
    }
    // Scaled or compressed masks have gray edges.
    guard others * 20 <= count else {
      throw VideoError.badMask(
        path: name,
        finding: "\(others * 100 / count)% of its pixels neither black nor white",
        expected: "a picture of black (ignored) and white (kept)")
    }
    self.init(.bitmap(width: picture.width, height: picture.height, ignored: ignored))
    try refuseExtremes(name)
  }

  private func refuseExtremes(_ name: String) throws {
    let share = ignoredShare
    guard share < 0.995 else {
      throw VideoError.badMask(
        path: name, finding: "a mask over the whole picture",
        expected: "a part of it that is kept"
          + (isBitmap ? "; black is ignored, white is kept" : ""))
    }
    guard share > 0 else {
      throw VideoError.badMask(
        path: name, finding: "a mask that ignores nothing",
        expected: isBitmap ? "black where the picture is ignored" : "a polygon with an area")
    }
  }

  private var isBitmap: Bool {
    if case .bitmap = shape { true } else { false }
  }

  /// The share of the picture that is ignored, 0 to 1.
  public var ignoredShare: Double {
    switch shape {
    case .polygons:
      let raster = RegionRaster(self, width: 256, height: 256, margin: 0)
      return Double(raster.pixelCount) / Double(256 * 256)
    case .bitmap(_, _, let ignored):
      return Double(ignored.count { $0 }) / Double(ignored.count)
    }
  }

  /// For each row of a picture of this size, the ignored stretches as half-open ranges of
  /// pixels, ascending and disjoint.
  ///
  /// - Parameter margin: pixels around each pixel that count as its part.
  func stretches(width: Int, height: Int, margin: Double) -> [[Range<Int>]] {
    switch shape {
    case .polygons(let polygons):
      return (0..<height).map { row in
        Self.merged(
          polygons.flatMap {
            Self.stretches(of: $0, row: row, width: width, height: height, margin: margin)
          })
      }
    case .bitmap(let maskWidth, let maskHeight, let ignored):
      return Self.stretches(
        of: ignored, maskWidth: maskWidth, maskHeight: maskHeight, width: width, height: height,
        margin: margin)
    }
  }

  /// Even-odd filling along lines through a row, close enough to each other for any polygon
  /// that can be seen.
  private static func stretches(
    of polygon: [Point], row: Int, width: Int, height: Int, margin: Double
  ) -> [Range<Int>] {
    let lines = 8
    var found: [Range<Int>] = []
    for line in 0...lines {
      let share = Double(line) / Double(lines)
      let inside = margin == 0 ? (Double(line) + 0.5) / Double(lines + 1) : share
      let y = (Double(row) - margin + inside * (1 + 2 * margin)) / Double(height)
      var crossings: [Double] = []
      for (a, b) in zip(polygon, polygon.dropFirst() + polygon.prefix(1)) {
        guard (a.y <= y) != (b.y <= y) else { continue }
        crossings.append(a.x + (y - a.y) / (b.y - a.y) * (b.x - a.x))
      }
      crossings.sort()
      for pair in stride(from: 0, to: crossings.count - 1, by: 2) {
        let first = crossings[pair] * Double(width)
        let last = crossings[pair + 1] * Double(width)
        // A pixel without a margin counts by its centre.
        let lower = margin > 0 ? (first - margin).rounded(.down) : (first - 0.5).rounded(.up)
        let upper = margin > 0 ? (last + margin).rounded(.up) : (last - 0.5).rounded(.up)
        let range = max(0, Int(lower))..<max(0, Int(lower), min(width, Int(upper)))
        if !range.isEmpty { found.append(range) }
      }
    }
    return found
  }

  private static func stretches(
    of ignored: [Bool], maskWidth: Int, maskHeight: Int, width: Int, height: Int, margin: Double
  ) -> [[Range<Int>]] {
    /// The cells of the mask under a pixel.
    func cells(_ pixel: Int, of size: Int, over maskSize: Int) -> Range<Int> {
      let scale = Double(maskSize) / Double(size)
      let lower = max(0, Int(((Double(pixel) - margin) * scale + 1e-9).rounded(.down)))
      let upper = min(
        maskSize, Int(((Double(pixel) + 1 + margin) * scale - 1e-9).rounded(.up)))
      return lower..<max(lower + 1, upper)
    }
    let columns = (0..<width).map { cells($0, of: width, over: maskWidth) }
    return (0..<height).map { row in
      let rows = cells(row, of: height, over: maskHeight)
      let isIgnored = (0..<maskWidth).map { x in rows.contains { ignored[$0 * maskWidth + x] } }
      return merged(
        columns.indices.filter { column in columns[column].contains { isIgnored[$0] } }
          .map { $0..<$0 + 1 })
    }
  }

  private static func merged(_ ranges: [Range<Int>]) -> [Range<Int>] {
    var merged: [Range<Int>] = []
    for range in ranges.sorted(by: { $0.lowerBound < $1.lowerBound }) {
      if let last = merged.last, range.lowerBound <= last.upperBound {
        merged[merged.count - 1] = last.lowerBound..<max(last.upperBound, range.upperBound)
      } else {
        merged.append(range)
      }
    }
    return merged
  }
}

/// A mask for pictures of one size.
struct RegionRaster: Sendable {
  private let width: Int
  private let height: Int
  private let rows: [[Range<Int>]]

  init(_ mask: RegionMask, width: Int, height: Int, margin: Double = 0.5) {
    self.width = width
    self.height = height
    rows = mask.stretches(width: width, height: height, margin: margin)
  }

  /// The number of ignored pixels.
  var pixelCount: Int { rows.reduce(0) { $0 + $1.reduce(0) { $0 + $1.count } } }

  /// Covers the ignored pixels of a picture.
  ///
  /// - Precondition: the picture has the raster's size.
  func cover(_ image: inout RGBImage) {
    precondition(
      (image.width, image.height) == (width, height),
      "a mask for \(width)x\(height) on a picture of \(image.width)x\(image.height)")
    let (red, green, blue) = RegionMask.fill
    image.pixels.withUnsafeMutableBufferPointer { pixels in
      for (row, stretches) in rows.enumerated() {
        for stretch in stretches {
          for pixel in row * width + stretch.lowerBound..<row * width + stretch.upperBound {
            pixels[3 * pixel] = red
            pixels[3 * pixel + 1] = green
            pixels[3 * pixel + 2] = blue
          }
        }
      }
    }
  }
}
