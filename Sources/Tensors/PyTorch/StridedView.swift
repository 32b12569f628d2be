/// A tensor's elements inside a storage: where element [i, j, ...] is, in bytes.
struct StridedView: Sendable {
  /// A view may repeat elements (stride 0), up to this many beyond its storage's.
  static let maximumRepeats = 1 << 20

  let elementType: StoredElementType
  let shape: [Int]
  private let strides: [Int]
  private let offset: Int
  private let count: Int

  /// Nil where an element would lie outside the storage's `byteCount` bytes, or the
  /// view is so much larger than its storage that it can only be meant to harm.
  init?(_ view: PickleHeap.View, byteCount: Int) {
    elementType = view.elementType
    shape = view.shape
    strides = view.strides
    offset = view.offset
    let available = byteCount / view.elementType.byteCount
    var count = 1
    var last = view.offset
    for (extent, stride) in zip(view.shape, view.strides) {
      let (product, isTooMany) = count.multipliedReportingOverflow(by: extent)
      let (step, isTooFar) = max(0, extent - 1).multipliedReportingOverflow(by: stride)
      let (sum, isBeyond) = last.addingReportingOverflow(step)
      guard !isTooMany, !isTooFar, !isBeyond else { return nil }
      count = product
      last = sum
    }
    guard count == 0 || last < available, count <= available + Self.maximumRepeats else {
      return nil
    }
    self.count = count
  }

  private var isContiguous: Bool {
    var expected = 1
    for (extent, stride) in zip(shape, strides).reversed() where extent != 1 {
      guard stride == expected else { return false }
      expected *= extent
    }
    return true
  }

  /// The elements as 32-bit floats, row-major.
  ///
  /// - Precondition: `storage` has the byte count of the initialiser.
  func read(_ storage: UnsafeRawBufferPointer, convert: ElementConversion.FloatReader) -> Tensor<
    Float
  > {
    let size = elementType.byteCount
    return Tensor(shape: shape) { output in
      guard count > 0 else { return }
      if isContiguous {
        let start = offset * size
        convert(UnsafeRawBufferPointer(rebasing: storage[start..<start + count * size]), output)
        return
      }
      let width = shape.last ?? 1
      let step = strides.last ?? 1
      let row = UnsafeMutableRawBufferPointer.allocate(byteCount: width * size, alignment: 8)
      defer { row.deallocate() }
      var index = [Int](repeating: 0, count: max(0, shape.count - 1))
      for start in stride(from: 0, to: count, by: width) {
        let first = offset + zip(index, strides).reduce(0) { $0 + $1.0 * $1.1 }
        for column in 0..<width {
          let source = (first + column * step) * size
          UnsafeMutableRawBufferPointer(rebasing: row[column * size..<(column + 1) * size])
            .copyMemory(from: UnsafeRawBufferPointer(rebasing: storage[source..<source + size]))
        }
        convert(
          UnsafeRawBufferPointer(row),
          UnsafeMutableBufferPointer(rebasing: output[start..<start + width]))
        advance(&index)
      }
    }
  }

  /// The next row, the last of `index` turning fastest.
  private func advance(_ index: inout [Int]) {
    for axis in index.indices.reversed() {
      index[axis] += 1
      if index[axis] < shape[axis] { return }
      index[axis] = 0
    }
  }
}
