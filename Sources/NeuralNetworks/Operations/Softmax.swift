import Tensors

extension Variable {
  /// Softmax over the last axis.
  ///
  /// - Parameter prefixLengths: how many leading elements of each row take part
  ///   (the others become 0; a row of length 0 is all 0), one a row in row-major
  ///   order; fewer lengths than rows are repeated. Nil: all take part. A causal
  ///   mask is `[1, 2, ..., T]`, a padding mask repeats each sequence's length.
  public func softmax(prefixLengths: [Int]? = nil) -> Variable {
    let lengths = prefixLengths ?? [value.extent(-1)]
    let y = softmaxRows(value, lengths)
    return Variable(y, from: [self]) { self.accumulate(softmaxGradient($0, y)) }
  }

  /// The logarithm of the softmax over the last axis.
  public func logSoftmax() -> Variable {
    let y = logSoftmaxRows(value)
    return Variable(y, from: [self]) { self.accumulate(logSoftmaxGradient($0, y)) }
  }
}

@_specialize(where Scalar == Float)
@_specialize(where Scalar == Double)
private func softmaxRows<Scalar: TensorScalar>(_ x: Tensor<Scalar>, _ lengths: [Int])
  -> Tensor<Scalar>
{
  let width = x.extent(-1)
  let rows = x.count / max(1, width)
  precondition(
    !lengths.isEmpty && rows % lengths.count == 0 && lengths.allSatisfy { 0...width ~= $0 },
    "\(lengths.count) prefix lengths do not fit rows of \(x.shape)")
  return x.transformed(shape: x.shape, rows: rows) { rows, x, output in
    for row in rows {
      let start = row &* width
      let length = lengths[row % lengths.count]
      var largest = -Scalar.infinity
      for column in 0..<length { largest = max(largest, x[unchecked: start &+ column]) }
      for column in 0..<length {
        output[unchecked: start &+ column] = exponential(x[unchecked: start &+ column] - largest)
      }
      var sum: Scalar = 0
      for column in 0..<length { sum += output[unchecked: start &+ column] }
      let scale = 1 / sum
      for column in 0..<length { output[unchecked: start &+ column] *= scale }
      for column in length..<width { output[unchecked: start &+ column] = 0 }
    }
  }
}

/// dx = y·(g − Σ g·y); what was masked has y = 0 and gets 0.
@_specialize(where Scalar == Float)
@_specialize(where Scalar == Double)
private func softmaxGradient<Scalar: TensorScalar>(_ gradient: Tensor<Scalar>, _ y: Tensor<Scalar>)
  -> Tensor<Scalar>
{
  let width = y.extent(-1)
  return gradient.transformed(shape: y.shape, rows: y.count / max(1, width)) { rows, g, output in
    y.scalars.withUnsafeBufferPointer { y in
      for start in stride(from: rows.lowerBound * width, to: rows.upperBound * width, by: width) {
        var dot: Scalar = 0
        for index in start..<start + width { dot += g[unchecked: index] * y[unchecked: index] }
        for index in start..<start + width {
          output[unchecked: index] = y[unchecked: index] * (g[unchecked: index] - dot)
        }
      }
    }
  }
}

/// x − max − log Σ e^(x − max), row by row.
@_specialize(where Scalar == Float)
@_specialize(where Scalar == Double)
func logSoftmaxRows<Scalar: TensorScalar>(_ x: Tensor<Scalar>) -> Tensor<Scalar> {
  let width = x.extent(-1)
  return x.transformed(shape: x.shape, rows: x.count / max(1, width)) { rows, x, output in
    for start in stride(from: rows.lowerBound * width, to: rows.upperBound * width, by: width) {
      var largest = -Scalar.infinity
      for index in start..<start + width { largest = max(largest, x[unchecked: index]) }
      var sum: Scalar = 0
      for index in start..<start + width { sum += exponential(x[unchecked: index] - largest) }
      let shift = largest + Scalar.logarithm(sum)
      for index in start..<start + width { output[unchecked: index] = x[unchecked: index] - shift }
    }
  }
}

/// dx = g − e^y·Σ g.
@_specialize(where Scalar == Float)
@_specialize(where Scalar == Double)
private func logSoftmaxGradient<Scalar: TensorScalar>(
  _ gradient: Tensor<Scalar>, _ y: Tensor<Scalar>
) -> Tensor<Scalar> {
  let width = y.extent(-1)
  return gradient.transformed(shape: y.shape, rows: y.count / max(1, width)) { rows, g, output in
    y.scalars.withUnsafeBufferPointer { y in
      for start in stride(from: rows.lowerBound * width, to: rows.upperBound * width, by: width) {
        var sum: Scalar = 0
        for index in start..<start + width { sum += g[unchecked: index] }
        for index in start..<start + width {
          output[unchecked: index] = g[unchecked: index] - exponential(y[unchecked: index]) * sum
        }
      }
    }
  }
}
