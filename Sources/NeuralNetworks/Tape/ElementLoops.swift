import Tensors

// The loops under the element-wise operations. They are inlined into functions
// that are specialised for Float (`@_specialize`), which is what makes them fast
// under a generic `Variable`: without it every element goes through a witness
// table, about a hundred times slower.

extension Tensor {
  /// A tensor that `body` fills. Unlike `Tensor(shape:filling:)`, which another
  /// module owns, it is inlined with its closure, so that the loop in it is
  /// vectorised.
  @inline(__always)
  static func filling(_ shape: [Int], _ body: (UnsafeMutableBufferPointer<Scalar>) -> Void)
    -> Tensor
  {
    let count = shape.reduce(1, *)
    return Tensor(
      shape: shape,
      scalars: [Scalar](unsafeUninitializedCapacity: count) { buffer, initialized in
        body(UnsafeMutableBufferPointer(rebasing: buffer[..<count]))
        initialized = count
      })
  }

  /// `f` of every element.
  @inline(__always)
  func mapped(_ f: @Sendable (Scalar) -> Scalar) -> Tensor {
    Tensor.filling(shape) { output in
      scalars.withUnsafeBufferPointer { input in
        nonisolated(unsafe) let (input, output) = (input, output)
        inParts(input.count, elements: input.count) { part in
          for index in part { output[unchecked: index] = f(input[unchecked: index]) }
        }
      }
    }
  }

  /// `f` of every pair of elements of tensors of one shape.
  @inline(__always)
  static func zipped(_ a: Tensor, _ b: Tensor, _ f: @Sendable (Scalar, Scalar) -> Scalar)
    -> Tensor
  {
    precondition(a.shape == b.shape, "shapes differ: \(a.shape) and \(b.shape)")
    return Tensor.filling(a.shape) { output in
      a.scalars.withUnsafeBufferPointer { x in
        b.scalars.withUnsafeBufferPointer { y in
          nonisolated(unsafe) let (x, y, output) = (x, y, output)
          inParts(x.count, elements: x.count) { part in
            for index in part {
              output[unchecked: index] = f(x[unchecked: index], y[unchecked: index])
            }
          }
        }
      }
    }
  }

  /// A tensor filled by `body` from the elements of one other.
  @inline(__always)
  func transformed(
    shape: [Int],
    _ body: (UnsafeBufferPointer<Scalar>, UnsafeMutableBufferPointer<Scalar>) -> Void
  ) -> Tensor {
    Tensor.filling(shape) { output in
      scalars.withUnsafeBufferPointer { body($0, output) }
    }
  }

  /// A tensor filled by `body` from the elements of one other, some rows at a time on all
  /// threads: no row may depend on what is written to another.
  @inline(__always)
  func transformed(
    shape: [Int], rows: Int,
    _ body:
      @Sendable (
        _ rows: Range<Int>, UnsafeBufferPointer<Scalar>, UnsafeMutableBufferPointer<Scalar>
      ) -> Void
  ) -> Tensor {
    Tensor.filling(shape) { output in
      scalars.withUnsafeBufferPointer { input in
        nonisolated(unsafe) let (input, output) = (input, output)
        inParts(rows, elements: max(input.count, output.count)) { body($0, input, output) }
      }
    }
  }
}

/// Fewer elements than these are not worth a second thread.
private let leastSharedElements = 1 << 16

/// Runs `body` over parts of `0..<items` on `MatrixThreads.count` threads, or over all of it
/// where so few elements are behind them that threads cost more than they save.
@inline(__always)
func inParts(_ items: Int, elements: Int, _ body: @Sendable (Range<Int>) -> Void) {
  guard elements >= leastSharedElements, items > 1, MatrixThreads.count > 1 else {
    return body(0..<items)
  }
  MatrixThreads.divide(items) { part, _ in body(part) }
}

extension UnsafeBufferPointer {
  /// The element without a bounds check; the loops' bounds are the proof.
  @inline(__always)
  subscript(unchecked index: Int) -> Element { baseAddress.unsafelyUnwrapped[index] }
}

extension UnsafeMutableBufferPointer {
  /// The element without a bounds check; the loops' bounds are the proof.
  @inline(__always)
  subscript(unchecked index: Int) -> Element {
    get { baseAddress.unsafelyUnwrapped[index] }
    nonmutating set { baseAddress.unsafelyUnwrapped[index] = newValue }
  }
}

/// x ← x + y.
@_specialize(where Scalar == Float)
@_specialize(where Scalar == Double)
func addInPlace<Scalar: TensorScalar>(_ x: inout [Scalar], _ y: [Scalar]) {
  precondition(x.count == y.count, "\(y.count) numbers cannot be added to \(x.count)")
  x.withUnsafeMutableBufferPointer { x in
    y.withUnsafeBufferPointer { y in
      nonisolated(unsafe) let (x, y) = (x, y)
      inParts(x.count, elements: x.count) { part in
        for index in part { x[unchecked: index] += y[unchecked: index] }
      }
    }
  }
}

/// Zeros, without the element-by-element filling of an unspecialised generic.
@_specialize(where Scalar == Float)
@_specialize(where Scalar == Double)
func zeros<Scalar: TensorScalar>(_ shape: [Int]) -> Tensor<Scalar> {
  Tensor.filling(shape) { $0.update(repeating: 0) }
}
