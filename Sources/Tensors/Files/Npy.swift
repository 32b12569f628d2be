import Foundation
import Records

/// Reads and writes NumPy's array files.
public enum Npy {
  /// Reads an array of floats (2, 4 or 8 bytes), integers (1 to 8 bytes) or
  /// booleans, of either byte order, as 32-bit floats; doubles and integers above 2^24
  /// are rounded. Format versions 1, 2 and 3; an array in Fortran order is
  /// transposed into row-major order.
  ///
  /// - Throws: `TensorError` for a file that cannot be read, a damaged header, a
  ///   size that does not fit the shape, or elements of another kind.
  public static func read(_ url: URL) throws -> Tensor<Float> {
    let file = try MappedFile(url: url)
    let (header, type) = try checkedHeader(of: file, path: url.path)
    let source = UnsafeRawBufferPointer(rebasing: file.bytes[header.dataStart...])
    let stored = header.isFortranOrder ? Array(header.shape.reversed()) : header.shape
    let tensor = Tensor<Float>(shape: stored) { type.read(source, into: $0) }
    return header.isFortranOrder ? reversedAxes(tensor) : tensor
  }

  /// The shape of an array and NumPy's name of its element type (`<f2`); the elements are
  /// not read.
  ///
  /// - Throws: as `read`.
  public static func layout(of url: URL) throws -> (shape: [Int], elementType: String) {
    let header = try checkedHeader(of: MappedFile(url: url), path: url.path).0
    return (header.shape, header.elementType)
  }

  /// The header of a file that has the size which the header implies.
  static func checkedHeader(of file: MappedFile, path: String) throws -> (
    NpyHeader, NpyElementType
  ) {
    let header = try NpyHeader(file.bytes, path: path)
    let type = try NpyElementType(header.elementType, path: path)
    var needed = type.byteCount
    // A zero extent must not hide an overflow of the others, whatever the order.
    for extent in header.shape where extent > 0 {
      let (product, overflow) = needed.multipliedReportingOverflow(by: extent)
      guard !overflow else {
        throw TensorError.damagedHeader(
          path: path, found: "the shape \(header.shape) overflows")
      }
      needed = product
    }
    if header.shape.contains(0) { needed = 0 }
    let present = file.bytes.count - header.dataStart
    guard present == needed else {
      throw TensorError.damagedHeader(
        path: path,
        found: "\(present) bytes of data where shape \(header.shape) needs \(needed)")
    }
    return (header, type)
  }

  /// Writes a little-endian float array in row-major order, format version 1,
  /// atomically.
  ///
  /// - Throws: `RecordError.cannotWrite`.
  public static func write(
    _ tensor: Tensor<Float>, as type: StoredFloatType = .float32, to url: URL
  ) throws {
    try write(shape: tensor.shape, as: type, to: url) { take in try take(tensor.scalars) }
  }

  /// The same for an array in pieces, which need not fit in memory.
  ///
  /// - Parameter pieces: gives all elements of the shape, in any number of pieces.
  /// - Throws: `RecordError.cannotWrite`, and what `pieces` throws; then there is no file.
  public static func write(
    shape: [Int], as type: StoredFloatType = .float32, to url: URL,
    _ pieces: @escaping (_ take: ([Float]) throws -> Void) throws -> Void
  ) throws {
    try AtomicFile.write(to: url) { take in
      try take(header(shape: shape, type: type))
      var count = 0
      try pieces { scalars in
        count += scalars.count
        try type.withBytes(of: scalars) { try $0.forEachChunk(take) }
      }
      precondition(count == shape.reduce(1, *), "\(count) elements for \(shape)")
    }
  }

  private static func header(shape: [Int], type: StoredFloatType) -> Data {
    let extents = shape.map(String.init).joined(separator: ", ")
    var text =
      "{'descr': '\(type.npyName)', 'fortran_order': False, "
      + "'shape': (\(extents)\(shape.count == 1 ? "," : "")), }"
    // The prefix takes 10 bytes, the newline 1; the data is aligned to 64.
    let padding = (64 - (text.utf8.count + 11) % 64) % 64
    text += String(repeating: " ", count: padding) + "\n"
    var data = Data([0x93] + Array("NUMPY".utf8) + [1, 0])
    data.append(UInt8(text.utf8.count & 0xFF))
    data.append(UInt8(text.utf8.count >> 8))
    data.append(contentsOf: Array(text.utf8))
    return data
  }

  private static func reversedAxes(_ tensor: Tensor<Float>) -> Tensor<Float> {
    let shape = Array(tensor.shape.reversed())
    guard tensor.count > 0, shape.count > 1 else { return tensor.reshaped(shape) }
    // The stride in `tensor` of each axis of the result.
    var strides = [Int](repeating: 1, count: shape.count)
    for axis in 1..<shape.count { strides[axis] = strides[axis - 1] * shape[axis - 1] }
    var index = [Int](repeating: 0, count: shape.count)
    var source = 0
    var scalars: [Float] = []
    scalars.reserveCapacity(tensor.count)
    for _ in 0..<tensor.count {
      scalars.append(tensor.scalars[source])
      var axis = shape.count - 1
      while axis >= 0 {
        index[axis] += 1
        source += strides[axis]
        if index[axis] < shape[axis] { break }
        source -= strides[axis] * shape[axis]
        index[axis] = 0
        axis -= 1
      }
    }
    return Tensor(shape: shape, scalars: scalars)
  }
}

/// The element types of NumPy arrays that can be read as floats.
struct NpyElementType {
  /// Whether it is IEEE half precision.
  var isHalfPrecision: Bool { kind == "f" && byteCount == 2 }

  private let kind: Character
  let byteCount: Int
  private let isBigEndian: Bool

  /// Parses a type string such as `<f4` or `|u1`.
  ///
  /// - Throws: `TensorError.unsupportedArray` for every other kind of element.
  init(_ text: String, path: String) throws {
    let characters = Array(text)
    let sizes: [Character: [Int]] = [
      "f": [2, 4, 8], "i": [1, 2, 4, 8], "u": [1, 2, 4, 8], "b": [1],
    ]
    guard characters.count >= 3, "<>|=".contains(characters[0]),
      let size = Int(String(characters[2...])), sizes[characters[1]]?.contains(size) == true
    else {
      throw TensorError.unsupportedArray(
        path: path,
        found: characters.dropFirst().first == "O"
          ? "Python objects" : "elements of type '\(text)'",
        remedy: "save it as float32")
    }
    kind = characters[1]
    byteCount = size
    isBigEndian = characters[0] == ">"
  }

  /// Fills `target` from elements that begin at the start of `source`.
  func read(_ source: UnsafeRawBufferPointer, into target: UnsafeMutableBufferPointer<Float>) {
    let swap = isBigEndian
    func word<Word: FixedWidthInteger & BitwiseCopyable>(
      _ type: Word.Type, _ convert: (Word) -> Float
    ) {
      ElementConversion.read(source, as: type, into: target) { convert(swap ? $0.byteSwapped : $0) }
    }
    switch (kind, byteCount) {
    case ("f", 4) where !swap: ElementConversion.copyFloats(source, target)
    case ("f", 4): word(UInt32.self) { Float(bitPattern: $0) }
    case ("f", 2): word(UInt16.self, ElementConversion.half)
    case ("f", _): word(UInt64.self) { Float(Double(bitPattern: $0)) }
    case ("i", 1): word(Int8.self) { Float($0) }
    case ("i", 2): word(Int16.self) { Float($0) }
    case ("i", 4): word(Int32.self) { Float($0) }
    case ("i", _): word(Int64.self) { Float($0) }
    case ("u", 2): word(UInt16.self) { Float($0) }
    case ("u", 4): word(UInt32.self) { Float($0) }
    case ("u", 8): word(UInt64.self) { Float($0) }
    default: word(UInt8.self) { Float($0) }
    }
  }
}
