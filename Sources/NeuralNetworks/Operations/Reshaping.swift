import Tensors

extension Variable {
  /// The same elements under another shape.
  public func reshaped(_ shape: [Int]) -> Variable {
    let old = self.shape
    return Variable(value.reshaped(shape), from: [self]) { gradient in
      self.accumulate(gradient.reshaped(old))
    }
  }

  /// The last two axes exchanged.
  public func transposed() -> Variable {
    Variable(swapped(value), from: [self]) { self.accumulate(swapped($0)) }
  }

  /// Axes 1 and 2 of a rank-4 variable exchanged, as attention heads need.
  public func swappingMiddleAxes() -> Variable {
    precondition(shape.count == 4, "rank 4 needed, got \(shape)")
    return Variable(swappedMiddle(value), from: [self]) { self.accumulate(swappedMiddle($0)) }
  }

  /// Variables joined along the last axis; the other extents agree.
  public static func concatenated(_ parts: [Variable]) -> Variable {
    precondition(
      !parts.isEmpty && parts.allSatisfy { $0.shape.dropLast() == parts[0].shape.dropLast() },
      "cannot join along the last axis: \(parts.map(\.shape))")
    let widths = parts.map { $0.value.extent(-1) }
    return Variable(join(parts.map(\.value)), from: parts) { gradient in
      var start = 0
      for (part, width) in zip(parts, widths) {
        part.accumulate(takeColumns(gradient, start..<start + width))
        start += width
      }
    }
  }

  /// Columns of the last axis, [..., n] to [..., range.count].
  public func columns(_ range: Range<Int>) -> Variable {
    let shape = shape
    return Variable(takeColumns(value, range), from: [self]) { gradient in
      self.accumulate(spread(gradient, over: shape, at: range.lowerBound))
    }
  }

  /// Rows of the first axis in the given order, repeats allowed.
  public func rows(_ indices: [Int]) -> Variable {
    let shape = shape
    return Variable(gather(value, indices), from: [self]) { gradient in
      self.accumulate(scatter(gradient, indices, into: shape))
    }
  }

  /// Variables joined along the first axis; the other extents agree.
  public static func stackedRows(_ parts: [Variable]) -> Variable {
    Variable(Tensor.concatenated(parts.map(\.value)), from: parts) { gradient in
      var start = 0
      for part in parts {
        let count = part.shape[0]
        part.accumulate(gradient[rows: start..<start + count])
        start += count
      }
    }
  }
}

@_specialize(where Scalar == Float)
@_specialize(where Scalar == Double)
private func swapped<Scalar: TensorScalar>(_ x: Tensor<Scalar>) -> Tensor<Scalar> {
  let (rows, width) = (x.extent(-2), x.extent(-1))
  return x.transformed(shape: x.shape.dropLast(2) + [width, rows]) { x, output in
    for start in stride(from: 0, to: x.count, by: rows * width) {
      for row in 0..<rows {
        for column in 0..<width {
          output[unchecked: start &+ column &* rows &+ row] =
            x[unchecked: start &+ row &* width &+ column]
        }
      }
    }
  }
}

@_specialize(where Scalar == Float)
@_specialize(where Scalar == Double)
private func swappedMiddle<Scalar: TensorScalar>(_ x: Tensor<Scalar>) -> Tensor<Scalar> {
  let (outer, a, b, width) = (x.shape[0], x.shape[1], x.shape[2], x.shape[3])
  return x.transformed(shape: [outer, b, a, width], rows: outer) { outer, x, output in
    for o in outer {
      for i in 0..<a {
        for j in 0..<b {
          let from = ((o &* a &+ i) &* b &+ j) &* width
          let to = ((o &* b &+ j) &* a &+ i) &* width
          for column in 0..<width {
            output[unchecked: to &+ column] = x[unchecked: from &+ column]
          }
        }
      }
    }
  }
}

@_specialize(where Scalar == Float)
@_specialize(where Scalar == Double)
private func takeColumns<Scalar: TensorScalar>(_ x: Tensor<Scalar>, _ range: Range<Int>)
  -> Tensor<Scalar>
{
  let width = x.extent(-1)
  precondition(range.upperBound <= width, "columns \(range) of \(x.shape)")
  return x.transformed(
    shape: x.shape.dropLast() + [range.count], rows: x.count / max(1, width)
  ) { rows, x, output in
    for row in rows {
      let (from, to) = (row &* width &+ range.lowerBound, row &* range.count)
      for column in 0..<range.count {
        output[unchecked: to &+ column] = x[unchecked: from &+ column]
      }
    }
  }
}

/// Zeros of `shape` with x in the columns from `start` on.
@_specialize(where Scalar == Float)
@_specialize(where Scalar == Double)
private func spread<Scalar: TensorScalar>(
  _ x: Tensor<Scalar>, over shape: [Int], at start: Int
) -> Tensor<Scalar> {
  let (width, part) = (shape[shape.count - 1], x.extent(-1))
  return x.transformed(shape: shape, rows: x.count / max(1, part)) { rows, x, output in
    UnsafeMutableBufferPointer(
      rebasing: output[rows.lowerBound * width..<rows.upperBound * width]
    ).update(repeating: 0)
    for row in rows {
      let (from, to) = (row &* part, row &* width &+ start)
      for column in 0..<part { output[unchecked: to &+ column] = x[unchecked: from &+ column] }
    }
  }
}

@_specialize(where Scalar == Float)
@_specialize(where Scalar == Double)
private func join<Scalar: TensorScalar>(_ parts: [Tensor<Scalar>]) -> Tensor<Scalar> {
  let width = parts.reduce(0) { $0 + $1.extent(-1) }
  return Tensor.filling(parts[0].shape.dropLast() + [width]) { output in
    var offset = 0
    for part in parts {
      let own = part.extent(-1)
      part.scalars.withUnsafeBufferPointer { x in
        nonisolated(unsafe) let (x, output) = (x, output)
        inParts(x.count / max(1, own), elements: x.count) { [offset] rows in
          for row in rows {
            let (from, to) = (row &* own, row &* width &+ offset)
            for column in 0..<own { output[unchecked: to &+ column] = x[unchecked: from &+ column] }
          }
        }
      }
      offset += own
    }
  }
}

@_specialize(where Scalar == Float)
@_specialize(where Scalar == Double)
private func gather<Scalar: TensorScalar>(_ x: Tensor<Scalar>, _ indices: [Int])
  -> Tensor<Scalar>
{
  let (width, rows) = (x.rowWidth, x.shape[0])
  return x.transformed(shape: [indices.count] + x.shape.dropFirst()) { x, output in
    for (row, index) in indices.enumerated() {
      precondition(index >= 0 && index < rows, "row \(index) of \(rows)")
      for column in 0..<width {
        output[unchecked: row &* width &+ column] = x[unchecked: index &* width &+ column]
      }
    }
  }
}

/// Zeros of `shape` to which row r of x is added at row indices[r].
@_specialize(where Scalar == Float)
@_specialize(where Scalar == Double)
private func scatter<Scalar: TensorScalar>(
  _ x: Tensor<Scalar>, _ indices: [Int], into shape: [Int]
) -> Tensor<Scalar> {
  let width = x.rowWidth
  return x.transformed(shape: shape) { x, output in
    output.update(repeating: 0)
    for (row, index) in indices.enumerated() {
      for column in 0..<width {
        output[unchecked: index &* width &+ column] += x[unchecked: row &* width &+ column]
      }
    }
  }
}
