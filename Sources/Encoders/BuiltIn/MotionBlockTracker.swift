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

  /// The displacement of a block in working pixels and the root mean square that
  /// is left, means removed, on `BlockComparison.change`'s scale; nil for a block without enough texture in two
  /// directions at any scale.
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
          // A little regularisation; texture is judged by the smaller eigenvalue.
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
            // Halved, as `BlockComparison` shares the noise between both planes.
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
