import COpenBLAS
import Foundation

/// A dense array of numbers: row-major, contiguous, value semantics (the storage
/// is copied on write).
///
/// Shapes are lists of extents, outermost first; `[]` is a scalar.
public struct Tensor<Scalar: TensorScalar>: Sendable, Equatable {
  /// The extents, outermost first.
  public private(set) var shape: [Int]
  /// The elements in row-major order; `scalars.count` is the product of `shape`.
  public var scalars: [Scalar]

  /// - Precondition: `scalars.count` is the product of `shape`.
  public init(shape: [Int], scalars: [Scalar]) {
    precondition(
      scalars.count == shape.reduce(1, *),
      "\(scalars.count) scalars do not fill a tensor of shape \(shape)")
    self.shape = shape
    self.scalars = scalars
  }

  /// A tensor with every element the same.
  public init(shape: [Int], repeating value: Scalar = 0) {
    self.shape = shape
    self.scalars = Array(repeating: value, count: shape.reduce(1, *))
  }

  /// A tensor whose storage `body` fills; it gets uninitialised memory and must
  /// write every element.
  public init(shape: [Int], filling body: (UnsafeMutableBufferPointer<Scalar>) throws -> Void)
    rethrows
  {
    let count = shape.reduce(1, *)
    self.shape = shape
    self.scalars = try Array(unsafeUninitializedCapacity: count) { buffer, initialized in
      try body(UnsafeMutableBufferPointer(rebasing: buffer[..<count]))
      initialized = count
    }
  }

  public var rank: Int { shape.count }
  public var count: Int { scalars.count }

  /// The extents with those of one axis taken from the end when negative.
  public func extent(_ axis: Int) -> Int { shape[axis < 0 ? axis + shape.count : axis] }

  /// The same elements under another shape.
  public func reshaped(_ shape: [Int]) -> Tensor {
    Tensor(shape: shape, scalars: scalars)
  }

  /// Row `index` along the first axis, without that axis.
  public subscript(row index: Int) -> Tensor {
    let width = rowWidth
    return Tensor(
      shape: Array(shape.dropFirst()),
      scalars: Array(scalars[index * width..<(index + 1) * width]))
  }

  /// Rows of the first axis; the axis is kept.
  public subscript(rows range: Range<Int>) -> Tensor {
    let width = rowWidth
    return Tensor(
      shape: [range.count] + shape.dropFirst(),
      scalars: Array(scalars[range.lowerBound * width..<range.upperBound * width]))
  }

  /// Rows of the first axis at these places; the axis is kept.
  public subscript(rows places: StrideTo<Int>) -> Tensor {
    let width = rowWidth
    var chosen: [Scalar] = []
    var count = 0
    for place in places {
      chosen += scalars[place * width..<(place + 1) * width]
      count += 1
    }
    return Tensor(shape: [count] + shape.dropFirst(), scalars: chosen)
  }

  /// The number of elements between two rows of the first axis.
  public var rowWidth: Int { shape.dropFirst().reduce(1, *) }

  /// Tensors of one shape stacked along a new first axis.
  public static func stacked(_ tensors: [Tensor]) -> Tensor {
    guard let first = tensors.first else { return Tensor(shape: [0], scalars: []) }
    var scalars: [Scalar] = []
    scalars.reserveCapacity(tensors.count * first.count)
    for tensor in tensors {
      precondition(
        tensor.shape == first.shape, "cannot stack \(tensor.shape) on \(first.shape)")
      scalars += tensor.scalars
    }
    return Tensor(shape: [tensors.count] + first.shape, scalars: scalars)
  }

  /// Tensors joined along their first axis; the other extents agree.
  public static func concatenated(_ tensors: [Tensor]) -> Tensor {
    guard let first = tensors.first else { return Tensor(shape: [0], scalars: []) }
    guard tensors.count > 1 else { return first }
    var scalars: [Scalar] = []
    scalars.reserveCapacity(tensors.reduce(0) { $0 + $1.count })
    for tensor in tensors {
      precondition(
        tensor.shape.dropFirst() == first.shape.dropFirst(),
        "cannot join \(tensor.shape) to \(first.shape)")
      scalars += tensor.scalars
    }
    return Tensor(
      shape: [tensors.reduce(0) { $0 + $1.shape[0] }] + first.shape.dropFirst(),
      scalars: scalars)
  }

  /// The elements converted to another type.
  public func converted<Other: TensorScalar>(to type: Other.Type) -> Tensor<Other> {
    if let same = self as? Tensor<Other> { return same }
    return Tensor<Other>(shape: shape, scalars: scalars.map { Other($0) })
  }
}

/// The element types of tensors: `Float` on every fast path, `Double` where gradients are
/// checked. BLAS operations are requirements, so that generic code calls the right
/// routine without a conversion.
public protocol TensorScalar: BinaryFloatingPoint, Sendable, Codable {
  /// C ← alpha·op(A)·op(B) + beta·C, row-major, as cblas_?gemm.
  static func gemm(
    transposeA: Bool, transposeB: Bool, m: Int, n: Int, k: Int, alpha: Self,
    a: UnsafePointer<Self>, lda: Int, b: UnsafePointer<Self>, ldb: Int, beta: Self,
    c: UnsafeMutablePointer<Self>, ldc: Int)
  static func exponential(_ x: Self) -> Self
  static func logarithm(_ x: Self) -> Self
}

extension Float: TensorScalar {
  public static func gemm(
    transposeA: Bool, transposeB: Bool, m: Int, n: Int, k: Int, alpha: Float,
    a: UnsafePointer<Float>, lda: Int, b: UnsafePointer<Float>, ldb: Int, beta: Float,
    c: UnsafeMutablePointer<Float>, ldc: Int
  ) {
    // OpenBLAS does not know processors newer than itself and uses its slowest kernels
    // there (Debian 12's on an AVX-512 machine of 2023: a fifth of oneDNN's speed).
    ProductLibrary.oneDNN.multiply(
      transposeA: transposeA, transposeB: transposeB, m: m, n: n, k: k, alpha: alpha, a: a,
      lda: lda, b: b, ldb: ldb, beta: beta, c: c, ldc: ldc)
  }

  @inlinable public static func exponential(_ x: Float) -> Float { exp(x) }
  @inlinable public static func logarithm(_ x: Float) -> Float { log(x) }
}

extension Double: TensorScalar {
  public static func gemm(
    transposeA: Bool, transposeB: Bool, m: Int, n: Int, k: Int, alpha: Double,
    a: UnsafePointer<Double>, lda: Int, b: UnsafePointer<Double>, ldb: Int, beta: Double,
    c: UnsafeMutablePointer<Double>, ldc: Int
  ) {
    cblas_dgemm(
      CblasRowMajor, transposeA ? CblasTrans : CblasNoTrans,
      transposeB ? CblasTrans : CblasNoTrans, blasint(m), blasint(n), blasint(k), alpha, a,
      blasint(lda), b, blasint(ldb), beta, c, blasint(ldc))
  }

  @inlinable public static func exponential(_ x: Double) -> Double { exp(x) }
  @inlinable public static func logarithm(_ x: Double) -> Double { log(x) }
}
