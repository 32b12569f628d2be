/// One tensor as it goes into a safetensors file. Its elements may come piece by piece:
/// then they need not fit in memory.
public struct SafetensorsEntry {
  public let name: String
  public let shape: [Int]
  let type: StoredElementType
  /// Hands over the elements as they are stored: little-endian, as is every machine
  /// this runs on.
  private let content: ((UnsafeRawBufferPointer) throws -> Void) throws -> Void

  /// Floats, stored as the type says.
  public static func floats(
    _ name: String, _ tensor: Tensor<Float>, as type: StoredFloatType = .float32
  ) -> SafetensorsEntry {
    floats(name, shape: tensor.shape, as: type) { take in try take(tensor.scalars) }
  }

  /// A list of whole numbers, stored as I64.
  public static func integers(_ name: String, _ values: [Int]) -> SafetensorsEntry {
    integers(name, count: values.count) { take in try take(values) }
  }

  /// Bytes, stored as U8.
  ///
  /// - Precondition: the shape has as many elements as there are bytes.
  public static func bytes(_ name: String, shape: [Int], _ bytes: [UInt8]) -> SafetensorsEntry {
    self.bytes(name, shape: shape) { take in try take(bytes) }
  }

  /// Floats that come in pieces, row-major.
  ///
  /// - Parameter pieces: called when the file is written; it gives all elements of the
  ///   shape, in any number of pieces.
  public static func floats(
    _ name: String, shape: [Int], as type: StoredFloatType = .float32,
    _ pieces: @escaping (_ take: ([Float]) throws -> Void) throws -> Void
  ) -> SafetensorsEntry {
    SafetensorsEntry(name: name, shape: shape, type: type.safetensorsType) { take in
      try pieces { try type.withBytes(of: $0, take) }
    }
  }

  /// Whole numbers that come in pieces, stored as I64.
  public static func integers(
    _ name: String, count: Int,
    _ pieces: @escaping (_ take: ([Int]) throws -> Void) throws -> Void
  ) -> SafetensorsEntry {
    SafetensorsEntry(name: name, shape: [count], type: .int64) { take in
      try pieces { try $0.map(Int64.init).withUnsafeBytes(take) }
    }
  }

  /// Bytes that come in pieces, stored as U8.
  public static func bytes(
    _ name: String, shape: [Int],
    _ pieces: @escaping (_ take: ([UInt8]) throws -> Void) throws -> Void
  ) -> SafetensorsEntry {
    SafetensorsEntry(name: name, shape: shape, type: .uint8) { take in
      try pieces { try $0.withUnsafeBytes(take) }
    }
  }

  private init(
    name: String, shape: [Int], type: StoredElementType,
    content: @escaping ((UnsafeRawBufferPointer) throws -> Void) throws -> Void
  ) {
    self.name = name
    self.shape = shape
    self.type = type
    self.content = content
  }

  var byteCount: Int { shape.reduce(type.byteCount, *) }

  /// Hands over the stored bytes, in order.
  ///
  /// - Precondition: the pieces are as many bytes as the shape needs.
  func forEachPiece(_ take: (UnsafeRawBufferPointer) throws -> Void) throws {
    var passed = 0
    try content { bytes in
      passed += bytes.count
      try take(bytes)
    }
    precondition(passed == byteCount, "'\(name)': \(passed) bytes for \(shape)")
  }
}
