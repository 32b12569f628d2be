/// One tensor as it goes into a safetensors file.
public struct SafetensorsEntry: Sendable {
  private enum Content: Sendable {
    case floats(Tensor<Float>, StoredFloatType)
    case integers([Int64])
    case bytes([UInt8])
  }

  public let name: String
  public let shape: [Int]
  private let content: Content

  /// Floats, stored as the type says.
  public static func floats(
    _ name: String, _ tensor: Tensor<Float>, as type: StoredFloatType = .float32
  ) -> SafetensorsEntry {
    SafetensorsEntry(name: name, shape: tensor.shape, content: .floats(tensor, type))
  }

  /// A list of whole numbers, stored as I64.
  public static func integers(_ name: String, _ values: [Int]) -> SafetensorsEntry {
    SafetensorsEntry(
      name: name, shape: [values.count], content: .integers(values.map(Int64.init)))
  }

  /// Bytes, stored as U8.
  ///
  /// - Precondition: the shape has as many elements as there are bytes.
  public static func bytes(_ name: String, shape: [Int], _ bytes: [UInt8]) -> SafetensorsEntry {
    precondition(shape.reduce(1, *) == bytes.count, "\(bytes.count) bytes for \(shape)")
    return SafetensorsEntry(name: name, shape: shape, content: .bytes(bytes))
  }

  var type: StoredElementType {
    switch content {
    case .floats(_, let type): type.safetensorsType
    case .integers: .int64
    case .bytes: .uint8
    }
  }

  var byteCount: Int {
    switch content {
    case .floats(let tensor, let type): tensor.count * type.byteCount
    case .integers(let values): values.count * 8
    case .bytes(let bytes): bytes.count
    }
  }

  /// Hands the elements to `body` as they are stored: little-endian, as is every
  /// machine this runs on.
  func withBytes(_ body: (UnsafeRawBufferPointer) throws -> Void) rethrows {
    switch content {
    case .floats(let tensor, let type): try type.withBytes(of: tensor, body)
    case .integers(let values): try values.withUnsafeBytes(body)
    case .bytes(let bytes): try bytes.withUnsafeBytes(body)
    }
  }
}
