import Foundation
import Records

/// A safetensors file, memory-mapped. The header is checked in full when the file is
/// opened; a tensor's bytes are read on demand.
///
/// The checks are those of the format's own reader: every byte of the data
/// belongs to exactly one tensor (no overlap, no hole, nothing after the end),
/// every tensor has as many bytes as its shape and type need, no name occurs twice.
/// Do not shorten the file while it is open: the system kills a process that reads a
/// mapped page beyond the file's end.
public struct SafetensorsFile: TensorFile {
  struct Entry: Sendable {
    var elementType: StoredElementType
    var shape: [Int]
    /// Within the mapped file.
    var bytes: Range<Int>

    /// The bytes of some elements, or of all.
    func bytes(of elements: Range<Int>?) -> Range<Int> {
      guard let elements else { return bytes }
      let size = elementType.byteCount
      precondition(
        elements.lowerBound >= 0 && elements.upperBound <= bytes.count / size,
        "elements \(elements) of \(bytes.count / size)")
      return bytes.lowerBound + elements.lowerBound * size..<bytes.lowerBound + elements.upperBound
        * size
    }
  }

  /// The length limit of headers in bytes, as in the format's own reader.
  public static let maximumHeaderBytes = 100_000_000

  /// The file.
  public let url: URL
  /// The free-form strings of `__metadata__`.
  public let metadata: [String: String]
  /// The tensors' names in the order of their bytes.
  public let names: [String]
  private let entries: [String: Entry]
  private let file: MappedFile

  /// - Throws: `TensorError` for a file that cannot be read and for a header that does not
  ///   describe the file exactly.
  public init(url: URL) throws {
    let file = try MappedFile(url: url)
    func damaged(_ found: String) -> TensorError {
      .damagedHeader(path: url.path, found: found)
    }
    guard file.bytes.count >= 8 else {
      throw damaged("\(file.bytes.count) bytes are too few for a header")
    }
    let length = UInt64(littleEndian: file.bytes.loadUnaligned(as: UInt64.self))
    guard length <= UInt64(Self.maximumHeaderBytes) else {
      throw damaged("a header of \(length) bytes, more than \(Self.maximumHeaderBytes)")
    }
    let dataStart = 8 + Int(length)
    guard dataStart <= file.bytes.count else {
      throw damaged("a header of \(length) bytes in a file of \(file.bytes.count)")
    }
    let header: SafetensorsHeader
    do {
      header = try SafetensorsHeader(
        parsing: UnsafeRawBufferPointer(rebasing: file.bytes[8..<dataStart]))
    } catch let failure as StrictJSON.Failure {
      throw damaged(failure.found)
    }
    (names, entries) = try Self.checked(
      header.entries, dataBytes: file.bytes.count - dataStart, dataStart: dataStart,
      path: url.path)
    metadata = header.metadata
    self.url = url
    self.file = file
  }

  /// The extents of a tensor, nil where there is none of that name.
  public func shape(of name: String) -> [Int]? { entries[name]?.shape }

  /// The element type of a tensor, nil where there is none of that name.
  public func elementType(of name: String) -> StoredElementType? {
    entries[name]?.elementType
  }

  /// A tensor of F32, F16, BF16 or F64 elements as 32-bit floats (F64 is rounded).
  ///
  /// - Throws: `TensorError` where the name is missing or the elements are integers.
  public func tensor(_ name: String) throws -> Tensor<Float> {
    let entry = try entry(name)
    let source = UnsafeRawBufferPointer(rebasing: file.bytes[entry.bytes])
    guard
      let convert = ElementConversion.toFloat(entry.elementType)
    else {
      throw TensorError.wrongElementType(
        path: url.path, tensor: name, found: entry.elementType.rawValue,
        expected: "F32, F16, BF16 or F64")
    }
    defer { file.release(entry.bytes) }
    return Tensor(shape: entry.shape) { convert(source, $0) }
  }

  /// The elements of an integer tensor (I64, I32, I16, I8, U8, BOOL), row-major.
  ///
  /// - Throws: `TensorError` where the name is missing or the elements are of
  ///   another type.
  public func integers(_ name: String) throws -> [Int] {
    try integers(name, in: nil)
  }

  /// The same for some of the elements, counted row-major; the others are not read.
  ///
  /// - Precondition: the tensor has those elements.
  public func integers(_ name: String, in range: Range<Int>) throws -> [Int] {
    try integers(name, in: .some(range))
  }

  private func integers(_ name: String, in range: Range<Int>?) throws -> [Int] {
    let entry = try entry(name)
    defer { withExtendedLifetime(file) {} }
    let source = UnsafeRawBufferPointer(rebasing: file.bytes[entry.bytes(of: range)])
    guard let values = ElementConversion.integers(source, type: entry.elementType) else {
      throw TensorError.wrongElementType(
        path: url.path, tensor: name, found: entry.elementType.rawValue,
        expected: "I64, I32, I16, I8, U8 or BOOL")
    }
    return values
  }

  /// A matrix of floats whose rows are read on demand.
  ///
  /// - Throws: `TensorError` where the name is missing, the elements are not
  ///   floating-point or the tensor is not a matrix.
  public func matrix(_ name: String) throws -> MappedMatrix {
    let entry = try entry(name)
    guard
      let matrix = MappedMatrix(
        file: file, elementType: entry.elementType, shape: entry.shape,
        start: entry.bytes.lowerBound)
    else {
      throw TensorError.wrongElementType(
        path: url.path, tensor: name,
        found: "\(entry.elementType.rawValue) of shape \(entry.shape)",
        expected: "a matrix of F32, F16, BF16 or F64")
    }
    return matrix
  }

  /// The elements of a U8 tensor, row-major.
  ///
  /// - Throws: `TensorError` where the name is missing or the elements are of
  ///   another type.
  public func bytes(_ name: String) throws -> [UInt8] {
    try bytes(name, in: nil)
  }

  /// The same for some of the elements; the others are not read.
  ///
  /// - Precondition: the tensor has those elements.
  public func bytes(_ name: String, in range: Range<Int>) throws -> [UInt8] {
    try bytes(name, in: .some(range))
  }

  /// Releases the memory of everything that was read; later accesses read it again.
  public func release() { file.release(0..<file.bytes.count) }

  private func bytes(_ name: String, in range: Range<Int>?) throws -> [UInt8] {
    let entry = try entry(name)
    guard entry.elementType == .uint8 else {
      throw TensorError.wrongElementType(
        path: url.path, tensor: name, found: entry.elementType.rawValue, expected: "U8")
    }
    return withExtendedLifetime(file) { Array(file.bytes[entry.bytes(of: range)]) }
  }

  func entry(_ name: String) throws -> Entry {
    guard let entry = entries[name] else {
      throw TensorError.missingTensor(path: url.path, tensor: name, present: names.count)
    }
    return entry
  }

  private static func checked(
    _ parsed: [SafetensorsHeader.Entry], dataBytes: Int, dataStart: Int, path: String
  ) throws -> (names: [String], entries: [String: Entry]) {
    var entries: [String: Entry] = [:]
    for item in parsed {
      func damaged(_ found: String) -> TensorError {
        .damagedTensor(path: path, tensor: item.name, found: found)
      }
      guard let type = StoredElementType(rawValue: item.elementType) else {
        throw damaged("unknown element type '\(item.elementType)'")
      }
      guard item.offsets.count == 2, item.offsets[0] <= item.offsets[1] else {
        throw damaged("data_offsets \(item.offsets) are not a start and an end")
      }
      guard item.offsets[1] <= dataBytes else {
        throw damaged("ends at byte \(item.offsets[1]) of \(dataBytes)")
      }
      var needed = type.byteCount
      for extent in item.shape {
        let (product, overflow) = needed.multipliedReportingOverflow(by: extent)
        guard !overflow else { throw damaged("the shape \(item.shape) overflows") }
        needed = product
      }
      guard needed == item.offsets[1] - item.offsets[0] else {
        throw damaged(
          "\(item.elementType) of shape \(item.shape) needs \(needed) bytes, "
            + "has \(item.offsets[1] - item.offsets[0])")
      }
      entries[item.name] = Entry(
        elementType: type, shape: item.shape,
        bytes: dataStart + item.offsets[0]..<dataStart + item.offsets[1])
    }
    let ordered = parsed.sorted {
      ($0.offsets[0], $0.offsets[1]) < ($1.offsets[0], $1.offsets[1])
    }
    var end = 0
    for item in ordered {
      guard item.offsets[0] == end else {
        throw TensorError.damagedTensor(
          path: path, tensor: item.name,
          found: item.offsets[0] < end
            ? "its bytes overlap another's (starts at \(item.offsets[0]), free from \(end))"
            : "\(item.offsets[0] - end) bytes before it belong to no tensor")
      }
      end = item.offsets[1]
    }
    guard end == dataBytes else {
      throw TensorError.damagedHeader(
        path: path, found: "\(dataBytes - end) bytes after the last tensor")
    }
    return (ordered.map(\.name), entries)
  }
}
