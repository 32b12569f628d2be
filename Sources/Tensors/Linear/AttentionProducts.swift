import CKernels

/// Multi-head attention over one sequence, in 32-bit floats. For long sequences beside
/// linear layers of fewer bits the products are in half precision, where the processor
/// supports it.
package enum AttentionProducts {
  /// oneDNN computes longer sequences: beyond this a head's keys do not fit in the first
  /// cache.
  private static let longestByKernel = 256
  /// Half-precision values are read by panels, also from the second cache.
  private static let longestByHalfKernel = 1024
  /// In shorter sequences attention is a small part of the work, and half precision would
  /// give CLIP's texts a fifth more error.
  private static let shortestByHalfKernel = 128

  /// Writes softmax(q · kᵀ / √headWidth) · v of every head, the heads side by side.
  ///
  /// - Parameters:
  ///   - projections: [length, 3 · width]: queries, keys and values side by side.
  ///   - scores: Memory for [heads, length, length].
  ///   - output: [length, width].
  ///   - isCausal: Whether a row attends only to itself and the rows before it.
  ///   - arithmetic: The arithmetic of the linear layers.
  /// - Throws: `TensorError.library`.
  package static func apply(
    _ projections: UnsafePointer<Float>, length: Int, width: Int, heads: Int, isCausal: Bool,
    arithmetic: LinearArithmetic, scores: UnsafeMutablePointer<Float>,
    into output: UnsafeMutablePointer<Float>, workspace: LinearWorkspace
  ) throws {
    let headWidth = width / heads
    let stride = 3 * width
    let scale = 1 / Float(headWidth).squareRoot()
    let takesHalves =
      arithmetic != .f32 && LinearArithmetic.f16.runs(on: .current)
      && (shortestByHalfKernel...longestByHalfKernel).contains(length)
    let isNear = runsAVX512Kernels && length <= longestByKernel
    if headWidth.isMultiple(of: 16), takesHalves || isNear {
      let attend = takesHalves ? kess_attend_f16 : kess_attend
      let scratch = workspace.products(
        (takesHalves ? kess_attend_f16_scratch : kess_attend_scratch)(length, headWidth))
      for head in 0..<heads {
        let queries = projections + head * headWidth
        attend(
          queries, queries + width, queries + 2 * width, length, stride, headWidth, scale,
          isCausal ? 1 : 0, scratch, output + head * headWidth, width)
      }
      return
    }
    guard OneDNN.isFast else {
      for head in 0..<heads {
        let queries = projections + head * headWidth
        let scores = scores + head * length * length
        Float.gemm(
          transposeA: false, transposeB: true, m: length, n: length, k: headWidth, alpha: scale,
          a: queries, lda: stride, b: queries + width, ldb: stride, beta: 0, c: scores,
          ldc: length)
        RowSoftmax.apply(
          scores, rows: length, width: length, stride: length, isCausal: isCausal)
        Float.gemm(
          transposeA: false, transposeB: false, m: length, n: headWidth, k: length, alpha: 1,
          a: scores, lda: length, b: queries + 2 * width, ldb: stride, beta: 0,
          c: output + head * headWidth, ldc: width)
      }
      return
    }
    let area = length * length
    let likeness = try OneDNNProduct.product(
      OneDNNProduct.Shape(
        batch: heads, rows: length, inner: headWidth, columns: length, left: .f32, right: .f32,
        leftStrides: [headWidth, stride, 1], rightStrides: [headWidth, 1, stride],
        outputStrides: [area, length, 1]))
    try likeness.execute(
      left: projections, right: projections + width, bias: nil, into: scores,
      workspace: workspace)
    for head in 0..<heads {
      RowSoftmax.apply(
        scores + head * area, rows: length, width: length, stride: length, scale: scale,
        isCausal: isCausal)
    }
    let mixture = try OneDNNProduct.product(
      OneDNNProduct.Shape(
        batch: heads, rows: length, inner: length, columns: headWidth, left: .f32, right: .f32,
        leftStrides: [area, length, 1], rightStrides: [headWidth, stride, 1],
        outputStrides: [headWidth, width, 1]))
    try mixture.execute(
      left: scores, right: projections + 2 * width, bias: nil, into: output,
      workspace: workspace)
  }
}
