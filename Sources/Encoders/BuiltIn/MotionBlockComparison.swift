/// Compares two planes block by block, so that a change of light, global or local,
/// is not taken for a change of content.
struct BlockComparison {
  /// Root mean square of what the best gain and offset of each block do not
  /// explain, plus half the block's own change of brightness beyond what the
  /// whole picture's change of light predicts.
  private(set) var change: [Float]
  /// Standard deviation of each block of the second plane.
  private(set) var texture: [Float]
  /// The means of the blocks of both planes.
  private(set) var means: (first: [Float], second: [Float])
  /// The change of light of the whole picture: second = gain * first + offset.
  private(set) var light: (gain: Float, offset: Float) = (1, 0)

  init(_ first: MotionPlane, _ second: MotionPlane) {
    let side = MotionImage.blockSide
    let (columns, rows) = (first.width / side, first.height / side)
    let count = columns * rows
    change = [Float](repeating: 0, count: count)
    texture = change
    means = (change, change)
    let scale = 1 / Float(side * side)
    first.samples.withUnsafeBufferPointer { a in
      second.samples.withUnsafeBufferPointer { b in
        for block in 0..<count {
          let start = (block / columns) * side * first.width + (block % columns) * side
          var sums = SIMD8<Float>()
          var others = SIMD8<Float>()
          var squares = SIMD8<Float>()
          var otherSquares = SIMD8<Float>()
          var products = SIMD8<Float>()
          for y in 0..<side {
            let place = start &+ y &* first.width
            let p = MotionPlane.eight(a, place)
            let q = MotionPlane.eight(b, place)
            sums += p
            others += q
            squares += p * p
            otherSquares += q * q
            products += p * q
          }
          let mean = sums.sum() * scale
          let other = others.sum() * scale
          let variance = max(0, squares.sum() * scale - mean * mean)
          let otherVariance = max(0, otherSquares.sum() * scale - other * other)
          let covariance = products.sum() * scale - mean * other
          // Only a gain that brightens or darkens, not one that inverts. Both
          // planes are noisy: a gain passes the first one's noise on.
          let gain = max(0, covariance) / max(variance, 1)
          let left = max(0, otherVariance - gain * covariance) / (1 + gain * gain)
          means.first[block] = mean
          means.second[block] = other
          texture[block] = otherVariance.squareRoot()
          change[block] = left.squareRoot()
        }
      }
    }
    light = Self.light(means.first, means.second)
    for block in 0..<count {
      let predicted = light.gain * means.first[block] + light.offset
      let own = abs(means.second[block] - min(max(predicted, 0), 255))
      change[block] += 0.5 * max(0, own - 1)
    }
  }

  /// The gain and the offset that fit most blocks: least squares, three times
  /// weighted anew against outliers.
  private static func light(_ first: [Float], _ second: [Float]) -> (gain: Float, offset: Float) {
    var gain: Float = 1
    var offset = median(zip(first, second).map { $1 - $0 })
    for _ in 0..<3 {
      var (w, x, y, xx, xy) = (Float(0), Float(0), Float(0), Float(0), Float(0))
      for (a, b) in zip(first, second) {
        let error = b - gain * a - offset
        let weight = 1 / (1 + error * error / 4)
        w += weight
        x += weight * a
        y += weight * b
        xx += weight * a * a
        xy += weight * a * b
      }
      // A prior of ten blocks that say "no gain" keeps flat pictures stable.
      let spread = xx - x * x / w + 1000
      gain = min(max((xy - x * y / w + 1000) / spread, 0.25), 4)
      offset = (y - gain * x) / w
    }
    return (gain, offset)
  }

  private static func median(_ values: [Float]) -> Float {
    values.sorted()[values.count / 2]
  }
}

extension MotionPlane {
  /// Eight samples from a place on.
  @inline(__always)
  static func eight(_ samples: UnsafeBufferPointer<Float>, _ place: Int) -> SIMD8<Float> {
    UnsafeRawPointer(samples.baseAddress.unsafelyUnwrapped + place)
      .loadUnaligned(as: SIMD8<Float>.self)
  }
}
