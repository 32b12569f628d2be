import Tensors

/// The class logits of a video, cos(X_t, T_c)/τ, and of each class the mean of the greatest.
struct AlignmentHead {
  /// The width of X and T.
  let width: Int
  let temperature: Float
  let topKDivisor: Int

  /// What a video keeps between the passes.
  struct Kept {
    /// The unit texts, [C, D].
    var texts: [Float] = []
    var pooled: [ScoreHead.Result] = []
    /// The gradient of the logits times 1/τ, [length, C]; empty before it is known.
    var slope: [Float] = []
  }

  /// What `addGradient` needs: unit rows, their slopes, their lengths.
  func scratchCount(_ size: VideoSize) -> Int { size.rows * (2 * width + 1) + 64 }

  /// - Parameters:
  ///   - x: features, [length, width].
  ///   - texts: of length 1, [classes, width].
  func forward(
    _ x: UnsafePointer<Float>, _ length: Int, texts: [Float], classes: Int, scratch: Slab,
    _ products: Products
  ) -> Kept {
    var cursor = SlabCursor(scratch.reserve(length * (classes + width + 1) + 64))
    let logits = cursor.take(length * classes)
    let unit = unitRows(x, length, &cursor).rows
    products.multiply(
      length, classes, width, unit, width, texts, width, logits, classes, transposeB: true,
      factor: 1 / temperature)
    return Kept(
      texts: texts,
      pooled: (0..<classes).map {
        ScoreHead.pooled(logits + $0, stride: classes, length: length, divisor: topKDivisor)
      })
  }

  /// The gradient of the unit texts, [classes, width], of that of the pooled logits, [classes].
  func textGradient(
    _ kept: inout Kept, _ x: UnsafePointer<Float>, _ length: Int, slope: UnsafePointer<Float>,
    to target: UnsafeMutablePointer<Float>, scratch: UnsafeMutablePointer<Float>,
    _ products: Products
  ) {
    let classes = kept.pooled.count
    kept.slope = [Float](repeating: 0, count: length * classes)
    for (column, result) in kept.pooled.enumerated() {
      let share = slope[column] / (Float(result.top.count) * temperature)
      for row in result.top { kept.slope[row * classes + column] = share }
    }
    var cursor = SlabCursor(scratch)
    products.multiply(
      classes, width, length, kept.slope, classes, unitRows(x, length, &cursor).rows, width,
      target, width, transposeA: true)
  }

  /// Adds to dx, once `textGradient` was called; without that a batch had no use of the logits.
  func addGradient(
    _ kept: Kept, _ x: UnsafePointer<Float>, _ length: Int, to dx: UnsafeMutablePointer<Float>,
    scratch: UnsafeMutablePointer<Float>, _ products: Products
  ) {
    guard !kept.slope.isEmpty else { return }
    let classes = kept.pooled.count
    var cursor = SlabCursor(scratch)
    let unit = unitRows(x, length, &cursor)
    let slope = cursor.take(length * width)
    products.multiply(
      length, width, classes, kept.slope, classes, kept.texts, width, slope, width)
    loops.unit_gradient(slope, unit.rows, unit.inverse, dx, length, width)
  }

  private func unitRows(_ x: UnsafePointer<Float>, _ length: Int, _ cursor: inout SlabCursor)
    -> (rows: UnsafeMutablePointer<Float>, inverse: UnsafeMutablePointer<Float>)
  {
    let (rows, inverse) = (cursor.take(length * width), cursor.take(length))
    loops.unit(x, rows, inverse, length, width)
    return (rows, inverse)
  }
}
