import Foundation

/// Named tensors in a file, or in several that belong together: what a model's
/// weights are read from, whatever the format.
///
/// Opening reads the names, types and shapes; a tensor's bytes are read from the
/// mapped file when it is asked for.
public protocol TensorFile: Sendable {
  /// The file, or the index of several.
  var url: URL { get }
  /// The tensors' names.
  var names: [String] { get }
  /// The extents of a tensor, nil where there is none of that name.
  func shape(of name: String) -> [Int]?
  /// The element type of a tensor, nil where there is none of that name.
  func elementType(of name: String) -> StoredElementType?
  /// A tensor of F32, F16, BF16 or F64 elements as 32-bit floats (F64 is rounded).
  ///
  /// - Throws: `TensorError` where the name is missing, the elements are not
  ///   floating-point or the bytes are damaged.
  func tensor(_ name: String) throws -> Tensor<Float>
}

extension TensorFile {
  /// Whether there is a tensor of that name.
  public func contains(_ name: String) -> Bool { shape(of: name) != nil }
}
