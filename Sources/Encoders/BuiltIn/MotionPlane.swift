import Video

/// One channel of a picture in floating point, row by row.
package struct MotionPlane: Sendable {
  package let width: Int
  package let height: Int
  package internal(set) var samples: [Float]

  /// The three channels of a picture, averaged over the boxes that the smaller
  /// size divides it into (repeated where it is the larger one).
  static func reduced(
    _ image: RGBImage, width: Int, height: Int
  ) -> (red: MotionPlane, green: MotionPlane, blue: MotionPlane) {
    let count = width * height
    if image.width == width, image.height == height { return channels(of: image) }
    func boxes(_ source: Int, _ target: Int) -> [(Int, Int)] {
      (0..<target).map { place in
        let low = place * source / target
        return (low, max(low + 1, (place + 1) * source / target))
      }
    }
    let across = boxes(image.width, width)
    let down = boxes(image.height, height)
    var red = [Float](repeating: 0, count: count)
    var green = red
    var blue = red
    image.pixels.withUnsafeBufferPointer { pixels in
      for (y, (top, bottom)) in down.enumerated() {
        for (x, (left, right)) in across.enumerated() {
          var sums: (Int32, Int32, Int32) = (0, 0, 0)
          for row in top..<bottom {
            var place = (row &* image.width &+ left) &* 3
            for _ in left..<right {
              sums.0 &+= Int32(pixels[place])
              sums.1 &+= Int32(pixels[place &+ 1])
              sums.2 &+= Int32(pixels[place &+ 2])
              place &+= 3
            }
          }
          let scale = 1 / Float((bottom - top) * (right - left))
          let target = y &* width &+ x
          red[target] = Float(sums.0) * scale
          green[target] = Float(sums.1) * scale
          blue[target] = Float(sums.2) * scale
        }
      }
    }
    return (
      MotionPlane(width: width, height: height, samples: red),
      MotionPlane(width: width, height: height, samples: green),
      MotionPlane(width: width, height: height, samples: blue)
    )
  }

  /// The three channels of a picture that has the wanted size already.
  private static func channels(
    of image: RGBImage
  ) -> (red: MotionPlane, green: MotionPlane, blue: MotionPlane) {
    func channel(_ offset: Int) -> MotionPlane {
      let count = image.width * image.height
      let samples = [Float](unsafeUninitializedCapacity: count) { target, filled in
        image.pixels.withUnsafeBufferPointer { pixels in
          for place in 0..<count { target[place] = Float(pixels[place &* 3 &+ offset]) }
        }
        filled = count
      }
      return MotionPlane(width: image.width, height: image.height, samples: samples)
    }
    return (channel(0), channel(1), channel(2))
  }

  /// BT.601 luma of three channels.
  static func luma(_ red: MotionPlane, _ green: MotionPlane, _ blue: MotionPlane) -> MotionPlane {
    let count = red.samples.count
    let samples = [Float](unsafeUninitializedCapacity: count) { target, filled in
      red.samples.withUnsafeBufferPointer { red in
        green.samples.withUnsafeBufferPointer { green in
          blue.samples.withUnsafeBufferPointer { blue in
            for index in 0..<count {
              target[index] = 0.299 * red[index] + 0.587 * green[index] + 0.114 * blue[index]
            }
          }
        }
      }
      filled = count
    }
    return MotionPlane(width: red.width, height: red.height, samples: samples)
  }

  /// Half the size, each sample the mean of four.
  func halved() -> MotionPlane {
    let (w, h) = (width / 2, height / 2)
    var result = [Float](repeating: 0, count: w * h)
    samples.withUnsafeBufferPointer { source in
      for y in 0..<h {
        let top = 2 * y * width
        for x in 0..<w {
          let place = top &+ 2 &* x
          result[y &* w &+ x] =
            0.25
            * (source[place] + source[place &+ 1] + source[place &+ width]
              + source[place &+ width &+ 1])
        }
      }
    }
    return MotionPlane(width: w, height: h, samples: result)
  }

  /// The mean of each whole block of `side` by `side` samples, row by row.
  func blockMeans(side: Int) -> [Float] {
    let (columns, rows) = (width / side, height / side)
    var means = [Float](repeating: 0, count: columns * rows)
    let scale = 1 / Float(side * side)
    samples.withUnsafeBufferPointer { source in
      for y in 0..<(rows * side) {
        for column in 0..<columns {
          var sum: Float = 0
          let start = y &* width &+ column &* side
          for x in 0..<side { sum += source[start &+ x] }
          means[(y / side) &* columns &+ column] += sum * scale
        }
      }
    }
    return means
  }

  /// The standard deviation of the plane's grain, by a difference of two Laplacians in the
  /// smoothest fifth of its blocks (Immerkaer, "Fast noise variance estimation", 1996).
  func noise(side: Int) -> Float {
    let (columns, rows) = (width / side, height / side)
    var means = [Float](repeating: 0, count: columns * rows)
    samples.withUnsafeBufferPointer { source in
      for row in 0..<rows {
        for y in max(1, row * side)..<min(height - 1, (row + 1) * side) {
          for column in 0..<columns {
            var sum: Float = 0
            for x in max(1, column &* side)..<min(width &- 1, (column &+ 1) &* side) {
              let place = y &* width &+ x
              let (up, down) = (place &- width, place &+ width)
              let corners =
                source[up &- 1] + source[up &+ 1] + source[down &- 1] + source[down &+ 1]
              let sides =
                source[up] + source[down] + source[place &- 1] + source[place &+ 1]
              sum += abs(corners - 2 * sides + 4 * source[place])
            }
            means[row &* columns &+ column] += sum
          }
        }
      }
    }
    // For normal noise the mean of the absolute value is 6 σ times √(2/π).
    let scale = 1.2533 / 6 / Float(side * side)
    return means.sorted()[means.count / 5] * scale
  }

  /// The plane shifted so that sample (x, y) comes from (x + dx, y + dy), bilinear, with the
  /// border repeated.
  func shifted(dx: Float, dy: Float) -> MotionPlane {
    let (left, top) = (Int(dx.rounded(.down)), Int(dy.rounded(.down)))
    let (fx, fy) = (dx - Float(left), dy - Float(top))
    var result = [Float](repeating: 0, count: samples.count)
    samples.withUnsafeBufferPointer { source in
      for y in 0..<height {
        let upper = min(max(y + top, 0), height - 1) * width
        let lower = min(max(y + top + 1, 0), height - 1) * width
        for x in 0..<width {
          let near = min(max(x &+ left, 0), width &- 1)
          let far = min(max(x &+ left &+ 1, 0), width &- 1)
          let above = source[upper &+ near] * (1 - fx) + source[upper &+ far] * fx
          let below = source[lower &+ near] * (1 - fx) + source[lower &+ far] * fx
          result[y &* width &+ x] = above * (1 - fy) + below * fy
        }
      }
    }
    return MotionPlane(width: width, height: height, samples: result)
  }
}

/// The motion analysis's input from a frame: brightness at three scales and colour on a grid
/// of blocks.
///
/// The working size has a longest side of `longestSide` pixels (never enlarged,
/// except that each side has at least `shortestSide`); blocks are `blockSide`
/// pixels wide and high.
package struct MotionImage: Sendable {
  package static let longestSide = 160
  package static let shortestSide = 48
  package static let blockSide = 8

  /// Working size in pixels.
  package let width: Int
  package let height: Int
  /// Brightness (BT.601 luma) in 0...255, row by row, at the working size, half and a quarter
  /// of it.
  let levels: [MotionPlane]
  /// Blocks across and down.
  package let columns: Int
  package let rows: Int
  /// The mean colour of each block in 0...255, row by row.
  package let red: [Float]
  package let green: [Float]
  package let blue: [Float]

  /// Reduces a picture to the working size by averaging.
  package init(_ image: RGBImage) {
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
  package var luma: MotionPlane { levels[0] }

  /// The number of blocks.
  package var blockCount: Int { columns * rows }

  /// The size for the analysis of frames of this size.
  static func workingSize(width: Int, height: Int) -> (width: Int, height: Int) {
    let size = VideoScaling.longestSide(longestSide).size(width: width, height: height)
    return (max(shortestSide, size.width), max(shortestSide, size.height))
  }
}

/// The look of a block's colour, by fixed rules of thumb.
package struct MotionColour: Sendable {
  /// Brightness (BT.601 luma) in 0...255.
  package let brightness: Float
  /// Saturation as in HSV, 0...1.
  package let saturation: Float
  /// Hue in sixths of the circle, 0..<6 from red over yellow and green; 0 for grey.
  package let hue: Float

  package init(red: Float, green: Float, blue: Float) {
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

  /// Bright and between red and yellow: like fire (or a sunset, or a yellow coat).
  package var isFireLike: Bool {
    brightness > 110 && saturation > 0.35 && (hue < 1.05 || hue > 5.9)
  }

  /// Grey of middle brightness: like smoke (or asphalt). It is significant only where it newly
  /// appears.
  package var isSmokeLike: Bool {
    saturation < 0.18 && brightness > 50 && brightness < 200
  }
}

extension MotionImage {
  /// The colour of a block.
  package func colour(_ block: Int) -> MotionColour {
    MotionColour(red: red[block], green: green[block], blue: blue[block])
  }
}
