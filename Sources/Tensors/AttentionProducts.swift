/// Multi-head attention over one sequence, in 32-bit floats.
public enum AttentionProducts {
  /// Writes softmax(q · kᵀ / √headWidth) · v of every head, the heads side by side.
  ///
  /// - Parameters:
  ///   - projections: [length, 3 · width]: queries, keys and values side by side.
  ///   - scores: Memory for [heads, length, length].
  ///   - output: [length, width].
  ///   - isCausal: Whether a row sees only itself and those before it.
  ///   - readout: The one row whose output is wanted; nil for all of them. `output`
  ///     then is [1, width].
  /// - Throws: `TensorError.library`.
  public static func apply(
    _ projections: UnsafePointer<Float>, length: Int, width: Int, heads: Int, isCausal: Bool,
    readout: Int? = nil, scores: UnsafeMutablePointer<Float>,
    into output: UnsafeMutablePointer<Float>, workspace: LinearWorkspace
  ) throws {
    guard let readout else {
      return try apply(
        queries: projections, rows: length, projections, length: length, width: width,
        heads: heads, isCausal: isCausal, scores: scores, into: output, workspace: workspace)
    }
    // What a single row sees are all the rows that are left.
    try apply(
      queries: projections + readout * 3 * width, rows: 1, projections,
      length: isCausal ? readout + 1 : length, width: width, heads: heads, isCausal: false,
      scores: scores, into: output, workspace: workspace)
  }

  /// The outputs of `rows` queries over the keys and values of `length` rows.
  private static func apply(
    queries: UnsafePointer<Float>, rows: Int, _ projections: UnsafePointer<Float>, length: Int,
    width: Int, heads: Int, isCausal: Bool, scores: UnsafeMutablePointer<Float>,
    into output: UnsafeMutablePointer<Float>, workspace: LinearWorkspace
  ) throws {
    let headWidth = width / heads
    let stride = 3 * width
    let scale = 1 / Float(headWidth).squareRoot()
    // A product of one row is not worth a compiled one for every length.
    guard OneDNN.isFast, rows > 1 else {
      for head in 0..<heads {
        let keys = projections + width + head * headWidth
        let scores = scores + head * rows * length
        Float.gemm(
          transposeA: false, transposeB: true, m: rows, n: length, k: headWidth, alpha: scale,
          a: queries + head * headWidth, lda: stride, b: keys, ldb: stride, beta: 0, c: scores,
          ldc: length)
        RowSoftmax.apply(
          scores, rows: rows, width: length, stride: length, isCausal: isCausal)
        Float.gemm(
          transposeA: false, transposeB: false, m: rows, n: headWidth, k: length, alpha: 1,
          a: scores, lda: length, b: keys + width, ldb: stride, beta: 0,
          c: output + head * headWidth, ldc: width)
      }
      return
    }
    let area = rows * length
    let likeness = try OneDNNProduct.product(
      OneDNNProduct.Shape(
        batch: heads, rows: rows, inner: headWidth, columns: length, left: .f32, right: .f32,
        leftStrides: [headWidth, stride, 1], rightStrides: [headWidth, 1, stride],
        outputStrides: [area, length, 1]))
    try likeness.execute(
      left: queries, right: projections + width, bias: nil, into: scores,
      workspace: workspace)
    for head in 0..<heads {
      RowSoftmax.apply(
        scores + head * area, rows: rows, width: length, stride: length, scale: scale,
        isCausal: isCausal)
    }
    let mixture = try OneDNNProduct.product(
      OneDNNProduct.Shape(
        batch: heads, rows: rows, inner: length, columns: headWidth, left: .f32, right: .f32,
        leftStrides: [area, length, 1], rightStrides: [headWidth, stride, 1],
        outputStrides: [headWidth, width, 1]))
    try mixture.execute(
      left: scores, right: projections + 2 * width, bias: nil, into: output,
      workspace: workspace)
  }
}
