/// The meaning of PyTorch's own names (torch/_utils.py, torch/serialization.py).
extension PickleMachine {
  /// The largest rank of a readable tensor.
  static let maximumRank = 64

  /// A persistent id: ('storage', type, key, location, count).
  mutating func storage(named id: PickleValue) throws -> PickleValue {
    guard case .tuple(let place) = id else {
      throw Failure(found: "a persistent id that is \(id.kind)")
    }
    let parts = heap.tuples[place]
    guard parts.count == 5, case .string("storage") = parts[0],
      case .global(.storage(let elementType)) = parts[1], case .string(let key) = parts[2],
      case .integer(let count) = parts[4], count >= 0
    else { throw Failure(found: "a persistent id that is not a storage's") }
    heap.storages.append(
      PickleHeap.Storage(elementType: elementType, key: key, count: count))
    return .storage(heap.storages.count - 1)
  }

  /// The result of calling a name with arguments.
  mutating func call(_ global: PickleGlobal, _ arguments: [PickleValue]) throws -> PickleValue {
    switch global {
    case .orderedDictionary: return try dictionary(try pairs(arguments))
    case .module:
      let value = try dictionary([])
      heap.dictionaries[heap.dictionaries.count - 1].isModule = true
      return value
    case .size, .typedList:
      guard arguments.count == 1 else {
        throw Failure(found: "\(global.name) with \(arguments.count) arguments")
      }
      return arguments[0]
    case .rebuildParameter:
      guard let first = arguments.first, case .tensor = first else {
        throw Failure(found: "a parameter without a tensor")
      }
      return first
    case .rebuildTensor:
      return try tensor(arguments, elementType: nil)
    case .rebuildTypedTensor:
      guard arguments.count >= 7, case .global(.elementType(let type)) = arguments[6] else {
        throw Failure(found: "a typed tensor without its type")
      }
      return try tensor(arguments, elementType: type)
    case .storage, .elementType:
      throw Failure(found: "a call of \(global.name)", isDamage: false)
    }
  }

  /// The arguments of OrderedDict: none, or a list of pairs.
  private func pairs(_ arguments: [PickleValue]) throws -> [PickleValue] {
    guard let first = arguments.first else { return [] }
    guard arguments.count == 1, case .list(let place) = first else {
      throw Failure(found: "an OrderedDict of \(first.kind)")
    }
    return try heap.lists[place].flatMap { item in
      var pair: [PickleValue] = []
      if case .tuple(let place) = item { pair = heap.tuples[place] }
      if case .list(let place) = item { pair = heap.lists[place] }
      guard pair.count == 2 else { throw Failure(found: "an OrderedDict item that is no pair") }
      return pair
    }
  }

  /// (storage, offset, shape, strides, ...)
  private mutating func tensor(_ arguments: [PickleValue], elementType: StoredElementType?)
    throws -> PickleValue
  {
    guard arguments.count >= 4, case .storage(let storage) = arguments[0],
      case .integer(let offset) = arguments[1]
    else { throw Failure(found: "a tensor without storage, offset, shape and strides") }
    let shape = try integers(arguments[2])
    let strides = try integers(arguments[3])
    guard shape.count == strides.count, shape.count <= Self.maximumRank, offset >= 0,
      (shape + strides).allSatisfy({ $0 >= 0 })
    else {
      throw Failure(found: "a tensor of shape \(shape), strides \(strides), offset \(offset)")
    }
    guard let type = elementType ?? heap.storages[storage].elementType else {
      throw Failure(found: "a tensor of a storage without a type")
    }
    heap.views.append(
      PickleHeap.View(
        storage: storage, elementType: type, offset: offset, shape: shape, strides: strides))
    return .tensor(heap.views.count - 1)
  }

  private func integers(_ value: PickleValue) throws -> [Int] {
    let items: [PickleValue] =
      switch value {
      case .tuple(let place): heap.tuples[place]
      case .list(let place): heap.lists[place]
      default: throw Failure(found: "\(value.kind) in place of extents")
      }
    guard items.count <= Self.maximumRank else {
      throw Failure(found: "a tensor of \(items.count) dimensions")
    }
    return try items.map { item in
      guard case .integer(let number) = item else {
        throw Failure(found: "\(item.kind) in place of an extent")
      }
      return number
    }
  }
}

/// A tensor's elements inside a storage: the byte position of element [i, j, ...].
struct StridedView: Sendable {
  /// A view may repeat elements (stride 0), up to this many beyond its storage's.
  static let maximumRepeats = 1 << 20

  let elementType: StoredElementType
  let shape: [Int]
  private let strides: [Int]
  private let offset: Int
  private let count: Int

  /// Nil where an element would lie outside the storage's `byteCount` bytes, or the
  /// view is so much larger than its storage that it must be an attack.
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

  /// The elements as whole numbers, row-major; nil for other types, and for a view that does not
  /// lie in one piece.
  func integers(_ storage: UnsafeRawBufferPointer) -> [Int]? {
    guard isContiguous else { return nil }
    let start = offset * elementType.byteCount
    return ElementConversion.integers(
      UnsafeRawBufferPointer(
        rebasing: storage[start..<start + count * elementType.byteCount]), type: elementType)
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
