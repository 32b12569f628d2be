import Tensors

extension Variable {
  /// op(self)·op(other), for matrices [m, k]·[k, n] or for batches of them
  /// [..., m, k]·[..., k, n] with the same leading extents; an operand marked
  /// transposed is stored the other way round.
  public func matrixMultiplied(
    by other: Variable, transposed: Bool = false, otherTransposed: Bool = false
  ) -> Variable {
    let (a, b) = (value, other.value)
    let c = multiply(a, transposed, b, otherTransposed)
    return Variable(c, from: [self, other]) { gradient in
      // C = op(A)·op(B): dop(A) = dC·op(B)ᵀ and dop(B) = op(A)ᵀ·dC.
      self.accumulate(
        transposed
          ? multiply(b, otherTransposed, gradient, true)
          : multiply(gradient, false, b, !otherTransposed))
      other.accumulate(
        otherTransposed
          ? multiply(gradient, true, a, transposed)
          : multiply(a, !transposed, gradient, false))
    }
  }

  /// x·Wᵀ + b for rows x: self [..., in], weight [out, in], bias [out].
  public func linear(weight: Variable, bias: Variable? = nil) -> Variable {
    let inputs = value.extent(-1)
    precondition(
      weight.shape.count == 2 && weight.shape[1] == inputs,
      "weight \(weight.shape) does not take rows of \(shape)")
    let extents = shape
    let x = value.reshaped([value.count / max(1, inputs), inputs])
    let w = weight.value
    let rows = multiply(x, false, w, true)
    let y = (bias.map { addRow(rows, $0.value) } ?? rows)
      .reshaped(extents.dropLast() + [w.shape[0]])
    return Variable(y, from: [self, weight] + (bias.map { [$0] } ?? [])) { gradient in
      let gradient = gradient.reshaped([x.shape[0], w.shape[0]])
      self.accumulate(multiply(gradient, false, w, false).reshaped(extents))
      weight.accumulate(multiply(gradient, true, x, false))
      bias?.accumulate(columnSums(gradient))
    }
  }

  /// A constant matrix [S, T] applied to the time axis of [B, T, C]: [B, S, C].
  public func mixingTime(by matrix: Tensor<Scalar>) -> Variable {
    precondition(
      shape.count == 3 && matrix.rank == 2 && matrix.shape[1] == shape[1],
      "matrix \(matrix.shape) does not mix the steps of \(shape)")
    return Variable(multiply(matrix, false, value, false), from: [self]) { gradient in
      self.accumulate(multiply(matrix, true, gradient, false))
    }
  }

  /// Σ_t weights[b, t]·self[b, t, :]: self [B, T, C], weights [B, T], result [B, C].
  public func weightedSumOverTime(_ weights: Variable) -> Variable {
    precondition(
      shape.count == 3 && weights.shape == [shape[0], shape[1]],
      "weights \(weights.shape) do not fit the sequence \(shape)")
    return weights.reshaped([shape[0], 1, shape[1]])
      .matrixMultiplied(by: self).reshaped([shape[0], shape[2]])
  }
}

/// op(a)·op(b) for equal leading extents, or for one matrix a and a batch b; the
/// last two axes are the matrices.
private func multiply<Scalar: TensorScalar>(
  _ a: Tensor<Scalar>, _ transposeA: Bool, _ b: Tensor<Scalar>, _ transposeB: Bool
) -> Tensor<Scalar> {
  precondition(
    a.rank >= 2 && b.rank >= 2 && (a.rank == 2 || a.shape.dropLast(2) == b.shape.dropLast(2)),
    "matrices with equal leading extents needed, got \(a.shape) and \(b.shape)")
  let m = a.extent(transposeA ? -1 : -2)
  let k = a.extent(transposeA ? -2 : -1)
  let n = b.extent(transposeB ? -2 : -1)
  precondition(
    k == b.extent(transposeB ? -1 : -2), "inner extents differ: \(a.shape) by \(b.shape)")
  let shape: [Int] = b.shape.dropLast(2) + [m, n]
  let stepA = a.rank == 2 ? 0 : m * k
  guard k > 0 else { return zeros(shape) }
  return Tensor(shape: shape) { c in
    a.scalars.withUnsafeBufferPointer { a in
      b.scalars.withUnsafeBufferPointer { b in
        guard let a = a.baseAddress, let b = b.baseAddress, let c = c.baseAddress else { return }
        for batch in 0..<shape.dropLast(2).reduce(1, *) {
          Scalar.gemm(
            transposeA: transposeA, transposeB: transposeB, m: m, n: n, k: k, alpha: 1,
            a: a + batch * stepA, lda: transposeA ? m : k, b: b + batch * k * n,
            ldb: transposeB ? k : n, beta: 0, c: c + batch * m * n, ldc: n)
        }
      }
    }
  }
}
