/// A matrix of floats in a mapped safetensors file, whose rows are read when they
/// are asked for: nothing is copied or converted beforehand.
public struct MappedMatrix: Sendable {
  public let rowCount: Int
  public let width: Int
  public let elementType: StoredElementType
  private let file: MappedFile
  /// Where the elements begin in the file.
  private let start: Int
  private let convert: ElementConversion.FloatReader

  init?(file: MappedFile, elementType: StoredElementType, shape: [Int], start: Int) {
    guard shape.count == 2, let convert = ElementConversion.toFloat(elementType) else { return nil }
    rowCount = shape[0]
    width = shape[1]
    self.elementType = elementType
    self.file = file
    self.start = start
    self.convert = convert
  }

  /// One row as 32-bit floats.
  ///
  /// - Precondition: the matrix has that row.
  public func row(_ index: Int) -> [Float] {
    precondition((0..<rowCount).contains(index), "row \(index) of \(rowCount)")
    return Array(unsafeUninitializedCapacity: width) { buffer, count in
      convert(bytes(index..<index + 1), UnsafeMutableBufferPointer(rebasing: buffer[..<width]))
      count = width
    }
  }

  /// Neighbouring rows as 32-bit floats, [n, width].
  ///
  /// - Precondition: the matrix has those rows.
  public func rows(_ range: Range<Int>) -> Tensor<Float> {
    precondition(
      range.lowerBound >= 0 && range.upperBound <= rowCount, "rows \(range) of \(rowCount)")
    return Tensor(shape: [range.count, width]) { convert(bytes(range), $0) }
  }

  private func bytes(_ rows: Range<Int>) -> UnsafeRawBufferPointer {
    let stride = width * elementType.byteCount
    return UnsafeRawBufferPointer(
      rebasing: file.bytes[start + rows.lowerBound * stride..<start + rows.upperBound * stride])
  }
}
