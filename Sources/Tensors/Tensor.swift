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

  /// Rows of the first axis, with that axis kept.
  public subscript(rows range: Range<Int>) -> Tensor {
    let width = rowWidth
    return Tensor(
      shape: [range.count] + shape.dropFirst(),
      scalars: Array(scalars[range.lowerBound * width..<range.upperBound * width]))
  }

  /// How many elements one step along the first axis skips.
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
