import Tensors

extension Variable {
  /// The sum of variables of one shape.
  public static func + (a: Variable, b: Variable) -> Variable {
    Variable(elementSum(a.value, b.value), from: [a, b]) { gradient in
      a.accumulate(gradient)
      b.accumulate(gradient)
    }
  }

  /// The difference of variables of one shape.
  public static func - (a: Variable, b: Variable) -> Variable {
    Variable(difference(a.value, b.value), from: [a, b]) { gradient in
      a.accumulate(gradient)
      b.accumulate(scaled(gradient, by: -1))
    }
  }

  /// The element-wise product of variables of one shape.
  public static func * (a: Variable, b: Variable) -> Variable {
    let (x, y) = (a.value, b.value)
    return Variable(product(x, y), from: [a, b]) { gradient in
      a.accumulate(product(gradient, y))
      b.accumulate(product(gradient, x))
    }
  }

  /// Every element times a number.
  public static func * (a: Variable, factor: Scalar) -> Variable {
    Variable(scaled(a.value, by: factor), from: [a]) { gradient in
      a.accumulate(scaled(gradient, by: factor))
    }
  }

  /// Adds `bias` [n] to every row of the last axis, [..., n].
  public func addingBias(_ bias: Variable) -> Variable {
    precondition(
      bias.shape == [value.extent(-1)], "bias \(bias.shape) does not fit rows of \(shape)")
    return Variable(addRow(value, bias.value), from: [self, bias]) { gradient in
      self.accumulate(gradient)
      bias.accumulate(columnSums(gradient))
    }
  }

  /// Multiplies every row of the last axis, [..., n], by `factors` [n].
  public func scalingColumns(by factors: Variable) -> Variable {
    precondition(
      factors.shape == [value.extent(-1)], "factors \(factors.shape) do not fit rows of \(shape)")
    let (x, w) = (value, factors.value)
    return Variable(multiplyRow(x, w), from: [self, factors]) { gradient in
      self.accumulate(multiplyRow(gradient, w))
      factors.accumulate(columnSums(product(gradient, x)))
    }
  }

  /// The sum of all elements, a scalar.
  public func sum() -> Variable {
    let shape = shape
    return Variable(Tensor(shape: [], scalars: [total(value)]), from: [self]) { gradient in
      self.accumulate(filled(shape, gradient.scalars[0]))
    }
  }

  /// The mean of all elements, a scalar.
  public func mean() -> Variable {
    sum() * (1 / Scalar(value.count))
  }
}

@_specialize(where Scalar == Float)
@_specialize(where Scalar == Double)
private func elementSum<Scalar: TensorScalar>(_ a: Tensor<Scalar>, _ b: Tensor<Scalar>) -> Tensor<
  Scalar
> {
  .zipped(a, b) { $0 + $1 }
}

@_specialize(where Scalar == Float)
@_specialize(where Scalar == Double)
private func difference<Scalar: TensorScalar>(_ a: Tensor<Scalar>, _ b: Tensor<Scalar>)
  -> Tensor<Scalar>
{
  .zipped(a, b) { $0 - $1 }
}

/// a·b, element by element.
@_specialize(where Scalar == Float)
@_specialize(where Scalar == Double)
func product<Scalar: TensorScalar>(_ a: Tensor<Scalar>, _ b: Tensor<Scalar>) -> Tensor<Scalar> {
  .zipped(a, b) { $0 * $1 }
}

/// factor·a.
@_specialize(where Scalar == Float)
@_specialize(where Scalar == Double)
func scaled<Scalar: TensorScalar>(_ a: Tensor<Scalar>, by factor: Scalar) -> Tensor<Scalar> {
  a.mapped { $0 * factor }
}

@_specialize(where Scalar == Float)
@_specialize(where Scalar == Double)
private func filled<Scalar: TensorScalar>(_ shape: [Int], _ value: Scalar) -> Tensor<Scalar> {
  Tensor.filling(shape) { $0.update(repeating: value) }
}

@_specialize(where Scalar == Float)
@_specialize(where Scalar == Double)
private func total<Scalar: TensorScalar>(_ a: Tensor<Scalar>) -> Scalar {
  a.scalars.withUnsafeBufferPointer { x in
    var sum: Scalar = 0
    for index in 0..<x.count { sum += x[unchecked: index] }
    return sum
  }
}

/// x + row, the row added to every row.
@_specialize(where Scalar == Float)
@_specialize(where Scalar == Double)
func addRow<Scalar: TensorScalar>(_ x: Tensor<Scalar>, _ row: Tensor<Scalar>) -> Tensor<Scalar> {
  let width = row.count
  return x.transformed(shape: x.shape, rows: x.count / max(1, width)) { rows, x, output in
    row.scalars.withUnsafeBufferPointer { row in
      for start in stride(from: rows.lowerBound * width, to: rows.upperBound * width, by: width) {
        for column in 0..<width {
          output[unchecked: start &+ column] =
            x[unchecked: start &+ column] + row[unchecked: column]
        }
      }
    }
  }
}

@_specialize(where Scalar == Float)
@_specialize(where Scalar == Double)
private func multiplyRow<Scalar: TensorScalar>(_ x: Tensor<Scalar>, _ row: Tensor<Scalar>)
  -> Tensor<Scalar>
{
  let width = row.count
  return x.transformed(shape: x.shape, rows: x.count / max(1, width)) { rows, x, output in
    row.scalars.withUnsafeBufferPointer { row in
      for start in stride(from: rows.lowerBound * width, to: rows.upperBound * width, by: width) {
        for column in 0..<width {
          output[unchecked: start &+ column] =
            x[unchecked: start &+ column] * row[unchecked: column]
        }
      }
    }
  }
}

/// The sum over all rows of the last axis, [n].
@_specialize(where Scalar == Float)
@_specialize(where Scalar == Double)
func columnSums<Scalar: TensorScalar>(_ x: Tensor<Scalar>) -> Tensor<Scalar> {
  let width = x.extent(-1)
  let rows = x.count / max(1, width)
  // As many partial sums however many threads there are, so that the bits do not depend on
  // them.
  let parts = max(1, min(rows / 64, 32))
  let sums = x.transformed(shape: [parts, width], rows: parts) { range, x, output in
    for part in range {
      let sum = UnsafeMutableBufferPointer(rebasing: output[part * width..<(part + 1) * width])
      sum.update(repeating: 0)
      for row in rows * part / parts..<rows * (part + 1) / parts {
        for column in 0..<width {
          sum[unchecked: column] += x[unchecked: row &* width &+ column]
        }
      }
    }
  }
  guard parts > 1 else { return sums.reshaped([width]) }
  return sums.transformed(shape: [width]) { sums, output in
    output.update(repeating: 0)
    for start in stride(from: 0, to: sums.count, by: width) {
      for column in 0..<width { output[unchecked: column] += sums[unchecked: start &+ column] }
    }
  }
}
