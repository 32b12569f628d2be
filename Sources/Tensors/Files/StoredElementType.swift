import Foundation

/// The element types in files of tensors, by their safetensors names.
public enum StoredElementType: String, Sendable, CaseIterable {
  case bool = "BOOL"
  case uint8 = "U8"
  case int8 = "I8"
  case float8e5m2 = "F8_E5M2"
  case float8e4m3 = "F8_E4M3"
  case float8e8m0 = "F8_E8M0"
  case int16 = "I16"
  case uint16 = "U16"
  case float16 = "F16"
  case bfloat16 = "BF16"
  case int32 = "I32"
  case uint32 = "U32"
  case float32 = "F32"
  case complex64 = "C64"
  case float64 = "F64"
  case int64 = "I64"
  case uint64 = "U64"

  /// The bytes that one element takes.
  public var byteCount: Int {
    switch self {
    case .bool, .uint8, .int8, .float8e5m2, .float8e4m3, .float8e8m0: 1
    case .int16, .uint16, .float16, .bfloat16: 2
    case .int32, .uint32, .float32: 4
    case .complex64, .float64, .int64, .uint64: 8
    }
  }

  /// Whether tensors of it can be read as 32-bit floats.
  public var isFloatingPoint: Bool { ElementConversion.toFloat(self) != nil }
}

/// How the floats of a tensor are stored in a file.
public enum StoredFloatType: String, Codable, Sendable, CaseIterable {
  case float32 = "f32"
  /// IEEE half precision, rounded to the nearest, ties to even; beyond 65504
  /// infinite, as NumPy's cast does.
  case float16 = "f16"

  /// The bytes that one element takes.
  public var byteCount: Int { self == .float32 ? 4 : 2 }

  /// NumPy's name of the little-endian type.
  var npyName: String { self == .float32 ? "<f4" : "<f2" }

  var safetensorsType: StoredElementType { self == .float32 ? .float32 : .float16 }

  /// Hands elements to `body` as they are stored.
  func withBytes(
    of scalars: [Float], _ body: (UnsafeRawBufferPointer) throws -> Void
  ) rethrows {
    switch self {
    case .float32: try scalars.withUnsafeBytes(body)
    case .float16: try scalars.map(ElementConversion.halfBits).withUnsafeBytes(body)
    }
  }
}

/// Converts elements as files store them to those of tensors. Sources need no
/// alignment; they are little-endian, as is every machine this runs on.
enum ElementConversion {
  typealias FloatReader =
    @Sendable (UnsafeRawBufferPointer, UnsafeMutableBufferPointer<Float>) -> Void

  /// How to read a floating-point type as 32-bit floats; nil for other types.
  static func toFloat(_ type: StoredElementType) -> FloatReader? {
    switch type {
    case .float32: copyFloats
    case .float16: { read($0, as: UInt16.self, into: $1, half) }
    case .bfloat16: { read($0, as: UInt16.self, into: $1) { Float(bitPattern: UInt32($0) << 16) } }
    case .float64: { read($0, as: Double.self, into: $1) { Float($0) } }
    default: nil
    }
  }

  /// The elements of a signed or small integer type; nil for other types.
  static func integers(_ source: UnsafeRawBufferPointer, type: StoredElementType) -> [Int]? {
    switch type {
    case .int64: all(source, as: Int64.self) { Int($0) }
    case .int32: all(source, as: Int32.self) { Int($0) }
    case .int16: all(source, as: Int16.self) { Int($0) }
    case .int8: all(source, as: Int8.self) { Int($0) }
    case .uint8, .bool: all(source, as: UInt8.self) { Int($0) }
    default: nil
    }
  }

  static func copyFloats(
    _ source: UnsafeRawBufferPointer, _ target: UnsafeMutableBufferPointer<Float>
  ) {
    UnsafeMutableRawBufferPointer(target).copyMemory(from: source)
  }

  static func read<Stored: BitwiseCopyable>(
    _ source: UnsafeRawBufferPointer, as type: Stored.Type,
    into target: UnsafeMutableBufferPointer<Float>, _ convert: (Stored) -> Float
  ) {
    let stride = MemoryLayout<Stored>.stride
    for index in target.indices {
      target[index] = convert(
        source.loadUnaligned(fromByteOffset: index * stride, as: Stored.self))
    }
  }

  /// IEEE half precision, by its bits: the conversion instruction is not in
  /// every CPU that this runs on.
  static func half(_ bits: UInt16) -> Float {
    let sign = UInt32(bits & 0x8000) << 16
    let exponent = UInt32(bits >> 10) & 0x1F
    let fraction = UInt32(bits & 0x3FF)
    switch exponent {
    case 0:
      let magnitude = Float(fraction) * 0x1p-24
      return sign == 0 ? magnitude : -magnitude
    case 31: return Float(bitPattern: sign | 0x7F80_0000 | fraction << 13)
    default: return Float(bitPattern: sign | (exponent + 112) << 23 | fraction << 13)
    }
  }

  /// The bits of the nearest half, ties to even; the inverse of `half`.
  static func halfBits(_ value: Float) -> UInt16 {
    let bits = value.bitPattern
    let sign = UInt16(truncatingIfNeeded: bits >> 16) & 0x8000
    let magnitude = bits & 0x7FFF_FFFF
    if magnitude > 0x7F80_0000 { return sign | 0x7E00 }
    // From here on up the nearest half is infinite.
    if magnitude >= 0x477F_F000 { return sign | 0x7C00 }
    if magnitude < 0x3880_0000 {
      // Below the normal halves: a whole number of 2^-24.
      let count = (Float(bitPattern: magnitude) * 0x1p24).rounded(.toNearestOrEven)
      return sign | UInt16(count)
    }
    let rounded = magnitude + 0xFFF + (magnitude >> 13 & 1)
    return sign | UInt16(truncatingIfNeeded: (rounded - 0x3800_0000) >> 13)
  }

  private static func all<Stored: BitwiseCopyable>(
    _ source: UnsafeRawBufferPointer, as type: Stored.Type, _ convert: (Stored) -> Int
  ) -> [Int] {
    let stride = MemoryLayout<Stored>.stride
    return (0..<source.count / stride).map {
      convert(source.loadUnaligned(fromByteOffset: $0 * stride, as: Stored.self))
    }
  }
}
