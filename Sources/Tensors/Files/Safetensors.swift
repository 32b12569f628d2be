import Foundation
import Records

/// Writes safetensors files.
public enum Safetensors {
  /// Writes tensors of floats in the order given, atomically; the header is padded
  /// with spaces so that the data starts at a multiple of 8 bytes.
  ///
  /// Equal tensors and metadata give equal bytes.
  ///
  /// - Throws: `TensorError.repeatedName`; `RecordError.cannotWrite`.
  public static func write(
    _ tensors: [(String, Tensor<Float>)], as type: StoredFloatType = .float32,
    metadata: [String: String] = [:], to url: URL
  ) throws {
    try write(tensors.map { .floats($0, $1, as: type) }, metadata: metadata, to: url)
  }

  /// The same for tensors of several element types, and for tensors in pieces.
  public static func write(
    _ entries: [SafetensorsEntry], metadata: [String: String] = [:], to url: URL
  ) throws {
    var names: Set<String> = ["__metadata__"]
    for entry in entries where !names.insert(entry.name).inserted {
      throw TensorError.repeatedName(path: url.path, tensor: entry.name)
    }
    let header = try self.header(entries, metadata: metadata)
    try AtomicFile.write(to: url) { take in
      try take(header)
      for entry in entries { try entry.forEachPiece { try $0.forEachChunk(take) } }
    }
  }

  private static func header(_ entries: [SafetensorsEntry], metadata: [String: String]) throws
    -> Data
  {
    var parts: [String] = []
    if !metadata.isEmpty {
      let pairs = try metadata.sorted { $0.key < $1.key }
        .map { "\(try quoted($0.key)):\(try quoted($0.value))" }
      parts.append("\"__metadata__\":{\(pairs.joined(separator: ","))}")
    }
    var offset = 0
    for entry in entries {
      let end = offset + entry.byteCount
      let shape = entry.shape.map(String.init).joined(separator: ",")
      parts.append(
        "\(try quoted(entry.name)):{\"dtype\":\"\(entry.type.rawValue)\",\"shape\":[\(shape)],"
          + "\"data_offsets\":[\(offset),\(end)]}")
      offset = end
    }
    var text = Data("{\(parts.joined(separator: ","))}".utf8)
    text.append(contentsOf: Array(repeating: 0x20, count: (8 - text.count % 8) % 8))
    var data = withUnsafeBytes(of: UInt64(text.count).littleEndian) { Data($0) }
    data.append(text)
    return data
  }

  private static func quoted(_ text: String) throws -> String {
    String(decoding: try JSONRecord.encode(text, pretty: false), as: UTF8.self)
  }
}

/// One tensor to write into a safetensors file. Elements in pieces need not fit in
/// memory.
public struct SafetensorsEntry {
  public let name: String
  public let shape: [Int]
  let type: StoredElementType
  /// Passes on the elements as they are stored: little-endian, as on every machine that
  /// this runs on.
  private let content: ((UnsafeRawBufferPointer) throws -> Void) throws -> Void

  /// Floats, stored as `type`.
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
  /// - Precondition: the shape has one element per byte.
  public static func bytes(_ name: String, shape: [Int], _ bytes: [UInt8]) -> SafetensorsEntry {
    self.bytes(name, shape: shape) { take in try take(bytes) }
  }

  /// Floats in pieces, row-major.
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

  /// Whole numbers in pieces, stored as I64.
  public static func integers(
    _ name: String, count: Int,
    _ pieces: @escaping (_ take: ([Int]) throws -> Void) throws -> Void
  ) -> SafetensorsEntry {
    SafetensorsEntry(name: name, shape: [count], type: .int64) { take in
      try pieces { try $0.map(Int64.init).withUnsafeBytes(take) }
    }
  }

  /// Bytes in pieces, stored as U8.
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

  /// Passes on the stored bytes, in order.
  ///
  /// - Precondition: the pieces have as many bytes as the shape needs.
  func forEachPiece(_ take: (UnsafeRawBufferPointer) throws -> Void) throws {
    var passed = 0
    try content { bytes in
      passed += bytes.count
      try take(bytes)
    }
    precondition(passed == byteCount, "'\(name)': \(passed) bytes for \(shape)")
  }
}
