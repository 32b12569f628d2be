/// Follows blocks from one frame to the next (Lucas and Kanade, inverse
/// compositional form of Baker and Matthews, 2004).
struct BlockTracker {
  private let previous: MotionImage
  private let current: MotionImage
  private static let side = MotionImage.blockSide
  private static let iterations = 4

  init(previous: MotionImage, current: MotionImage) {
    self.previous = previous
    self.current = current
  }

  /// The displacement of a block in working pixels and the remaining root mean square, means
  /// removed, on the scale of `BlockComparison.change`; nil for a block without enough
  /// texture in two directions at any scale.
  func follow(column: Int, row: Int) -> (dx: Float, dy: Float, residual: Float)? {
    var (dx, dy): (Float, Float) = (0, 0)
    var residual: Float = 0
    var hasTexture = false
    for level in stride(from: 2, through: 0, by: -1) {
      let plane = previous.levels[level]
      let scale = Float(1 << level)
      // The block's centre at this scale; the patch has the same pixels at each.
      let centre = (
        x: (Float(column) + 0.5) * Float(Self.side) / scale,
        y: (Float(row) + 0.5) * Float(Self.side) / scale
      )
      let left = min(max(Int(centre.x) - Self.side / 2, 1), plane.width - Self.side - 2)
      let top = min(max(Int(centre.y) - Self.side / 2, 1), plane.height - Self.side - 2)
      var u = dx / scale
      var v = dy / scale
      if let end = refine(level: level, left: left, top: top, u: &u, v: &v) {
        hasTexture = true
        residual = end
        dx = u * scale
        dy = v * scale
      } else if level == 0 {
        return nil
      }
    }
    return hasTexture ? (dx, dy, residual) : nil
  }

  private func refine(level: Int, left: Int, top: Int, u: inout Float, v: inout Float) -> Float? {
    let template = previous.levels[level]
    let target = current.levels[level]
    let width = template.width
    let limits = (x: Float(width - Self.side - 2), y: Float(template.height - Self.side - 2))
    return template.samples.withUnsafeBufferPointer { a in
      target.samples.withUnsafeBufferPointer { b -> Float? in
        withUnsafeTemporaryAllocation(of: SIMD8<Float>.self, capacity: 24) { rows in
          // Rows of the template and of its two gradients, means removed.
          var (hxx, hxy, hyy) = (SIMD8<Float>(), SIMD8<Float>(), SIMD8<Float>())
          var sum = SIMD8<Float>()
          for y in 0..<8 {
            let place = (top &+ y) &* width &+ left
            let centre = MotionPlane.eight(a, place)
            let gx = 0.5 * (MotionPlane.eight(a, place &+ 1) - MotionPlane.eight(a, place &- 1))
            let gy =
              0.5 * (MotionPlane.eight(a, place &+ width) - MotionPlane.eight(a, place &- width))
            rows[y] = centre
            rows[8 &+ y] = gx
            rows[16 &+ y] = gy
            sum += centre
            hxx += gx * gx
            hxy += gx * gy
            hyy += gy * gy
          }
          let mean = sum.sum() / 64
          for y in 0..<8 { rows[y] -= mean }
          // A little regularisation; the smaller eigenvalue measures the texture.
          let (xx, xy, yy) = (hxx.sum() + 8, hxy.sum(), hyy.sum() + 8)
          let determinant = xx * yy - xy * xy
          let trace = xx + yy
          let smaller =
            0.5 * (trace - max(0, trace * trace - 4 * determinant).squareRoot())
          guard smaller > 40 else { return nil }

          var error: Float = 0
          for iteration in 0...Self.iterations {
            let x = min(max(Float(left) + u, 0), limits.x)
            let y = min(max(Float(top) + v, 0), limits.y)
            u = x - Float(left)
            v = y - Float(top)
            let (column, row) = (Int(x), Int(y))
            let (fx, fy) = (x - Float(column), y - Float(row))
            let weights = ((1 - fx) * (1 - fy), fx * (1 - fy), (1 - fx) * fy, fx * fy)
            var bx = SIMD8<Float>()
            var by = SIMD8<Float>()
            var total = SIMD8<Float>()
            var squares = SIMD8<Float>()
            var gradients = (SIMD8<Float>(), SIMD8<Float>())
            for line in 0..<8 {
              let place = (row &+ line) &* width &+ column
              let sample =
                MotionPlane.eight(b, place) * weights.0
                + MotionPlane.eight(b, place &+ 1) * weights.1
                + MotionPlane.eight(b, place &+ width) * weights.2
                + MotionPlane.eight(b, place &+ width &+ 1) * weights.3
              let difference = sample - rows[line]
              total += difference
              squares += difference * difference
              bx += rows[8 &+ line] * difference
              by += rows[16 &+ line] * difference
              gradients.0 += rows[8 &+ line]
              gradients.1 += rows[16 &+ line]
            }
            let offset = total.sum() / 64
            // Halved, because `BlockComparison` divides the noise between both planes.
            error = (max(0, squares.sum() / 64 - offset * offset) / 2).squareRoot()
            if iteration == Self.iterations { break }
            let sx = bx.sum() - offset * gradients.0.sum()
            let sy = by.sum() - offset * gradients.1.sum()
            let du = (yy * sx - xy * sy) / determinant
            let dv = (xx * sy - xy * sx) / determinant
            u -= min(max(du, -2), 2)
            v -= min(max(dv, -2), 2)
            if abs(du) + abs(dv) < 0.02 { break }
          }
          return error
        }
      }
    }
  }
}

/// Compares two planes block by block, without counting a change of light, global or local,
/// as a change of content.
struct BlockComparison {
  /// Root mean square of the residual after the best gain and offset of each block, plus half
  /// the block's change of brightness beyond the prediction of the whole picture's change of
  /// light.
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
          // The gain may brighten or darken, but not invert. Both
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

  /// The gain and the offset that fit most blocks: least squares, reweighted three times
  /// against outliers.
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
      // A prior of ten blocks without gain keeps flat pictures stable.
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
  /// Eight samples from a position on.
  @inline(__always)
  static func eight(_ samples: UnsafeBufferPointer<Float>, _ place: Int) -> SIMD8<Float> {
    UnsafeRawPointer(samples.baseAddress.unsafelyUnwrapped + place)
      .loadUnaligned(as: SIMD8<Float>.self)
  }
}
