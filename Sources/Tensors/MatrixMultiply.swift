extension Tensor {
  /// op(self)·op(other) for matrices: [m, k] by [k, n] is [m, n]; an operand
  /// marked transposed is stored the other way round.
  ///
  /// - Precondition: both have rank 2 and the inner extents agree.
  public func matrixMultiplied(
    by other: Tensor, transposed: Bool = false, otherTransposed: Bool = false
  ) -> Tensor {
    precondition(rank == 2 && other.rank == 2, "matrices needed, got \(shape) and \(other.shape)")
    let m = shape[transposed ? 1 : 0]
    let k = shape[transposed ? 0 : 1]
    let n = other.shape[otherTransposed ? 0 : 1]
    precondition(
      k == other.shape[otherTransposed ? 1 : 0],
      "inner extents differ: \(shape) by \(other.shape)")
    guard m > 0, n > 0, k > 0 else { return Tensor(shape: [m, n]) }
    return Tensor(shape: [m, n]) { c in
      scalars.withUnsafeBufferPointer { a in
        other.scalars.withUnsafeBufferPointer { b in
          // The counts were just checked to be positive, so no base is nil.
          Scalar.gemm(
            transposeA: transposed, transposeB: otherTransposed, m: m, n: n, k: k, alpha: 1,
            a: a.baseAddress!, lda: shape[1], b: b.baseAddress!, ldb: other.shape[1], beta: 0,
            c: c.baseAddress!, ldc: n)
        }
      }
    }
  }
}
