import Foundation

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
