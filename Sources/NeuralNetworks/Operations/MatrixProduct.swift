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
    let y = rowProducts(x, w, bias: bias?.value).reshaped(extents.dropLast() + [w.shape[0]])
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

/// x·Wᵀ + b: the product is added to rows that hold the bias already, which saves a pass.
private func rowProducts<Scalar: TensorScalar>(
  _ x: Tensor<Scalar>, _ weight: Tensor<Scalar>, bias: Tensor<Scalar>?
) -> Tensor<Scalar> {
  guard let bias, x.count > 0, weight.count > 0 else { return multiply(x, false, weight, true) }
  let (rows, inputs, outputs) = (x.shape[0], x.shape[1], weight.shape[0])
  return Tensor(shape: [rows, outputs]) { y in
    fillRows(y, bias)
    x.scalars.withUnsafeBufferPointer { x in
      weight.scalars.withUnsafeBufferPointer { weight in
        guard let x = x.baseAddress, let weight = weight.baseAddress, let y = y.baseAddress else {
          return
        }
        Scalar.gemm(
          transposeA: false, transposeB: true, m: rows, n: outputs, k: inputs, alpha: 1, a: x,
          lda: inputs, b: weight, ldb: inputs, beta: 1, c: y, ldc: outputs)
      }
    }
  }
}

/// Every row of y becomes `row`.
@_specialize(where Scalar == Float)
@_specialize(where Scalar == Double)
func fillRows<Scalar: TensorScalar>(
  _ y: UnsafeMutableBufferPointer<Scalar>, _ row: Tensor<Scalar>
) {
  let width = row.count
  row.scalars.withUnsafeBufferPointer { row in
    nonisolated(unsafe) let (y, row) = (y, row)
    inParts(y.count / max(1, width), elements: y.count) { rows in
      for start in stride(from: rows.lowerBound * width, to: rows.upperBound * width, by: width) {
        for column in 0..<width { y[unchecked: start &+ column] = row[unchecked: column] }
      }
    }
  }
}

/// Fewer multiplications than these in all are not worth a second thread.
private let leastSharedProducts = 1 << 22

/// Calls `body` for parts of a batch of independent products, in which each product has one
/// thread: whole products on each thread are faster than threads within small ones.
func inProductParts(_ count: Int, products: Int, _ body: @Sendable (Range<Int>) -> Void) {
  guard count > 1, count * products >= leastSharedProducts, MatrixThreads.count > 1 else {
    return body(0..<count)
  }
  MatrixThreads.divide(count) { part, _ in MatrixThreads.withOneThread { body(part) } }
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
        nonisolated(unsafe) let (left, right, output) = (a, b, c)
        inProductParts(shape.dropLast(2).reduce(1, *), products: m * n * k) { batches in
          for batch in batches {
            Scalar.gemm(
              transposeA: transposeA, transposeB: transposeB, m: m, n: n, k: k, alpha: 1,
              a: left + batch * stepA, lda: transposeA ? m : k, b: right + batch * k * n,
              ldb: transposeB ? k : n, beta: 0, c: output + batch * m * n, ldc: n)
          }
        }
      }
    }
  }
}
