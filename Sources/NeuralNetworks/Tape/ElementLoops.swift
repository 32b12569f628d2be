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
  func mapped(_ f: (Scalar) -> Scalar) -> Tensor {
    Tensor.filling(shape) { output in
      scalars.withUnsafeBufferPointer { input in
        for index in 0..<input.count { output[unchecked: index] = f(input[unchecked: index]) }
      }
    }
  }

  /// `f` of every pair of elements of tensors of one shape.
  @inline(__always)
  static func zipped(_ a: Tensor, _ b: Tensor, _ f: (Scalar, Scalar) -> Scalar) -> Tensor {
    precondition(a.shape == b.shape, "shapes differ: \(a.shape) and \(b.shape)")
    return Tensor.filling(a.shape) { output in
      a.scalars.withUnsafeBufferPointer { x in
        b.scalars.withUnsafeBufferPointer { y in
          for index in 0..<x.count {
            output[unchecked: index] = f(x[unchecked: index], y[unchecked: index])
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
      for index in 0..<x.count { x[unchecked: index] += y[unchecked: index] }
    }
  }
}

/// Zeros, without the element-by-element filling of an unspecialised generic.
@_specialize(where Scalar == Float)
@_specialize(where Scalar == Double)
func zeros<Scalar: TensorScalar>(_ shape: [Int]) -> Tensor<Scalar> {
  Tensor.filling(shape) { $0.update(repeating: 0) }
}
