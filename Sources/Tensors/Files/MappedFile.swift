import Foundation

/// The bytes of a file, mapped read-only while the object lives.
final class MappedFile: @unchecked Sendable {
  // Unchecked because of the pointer, through which nothing is written.
  let bytes: UnsafeRawBufferPointer

  /// - Throws: `TensorError.cannotRead` with the path and the system's reason.
  init(url: URL) throws {
    func failed(_ reason: String) -> TensorError {
      .cannotRead(path: url.path, reason: reason)
    }
    let descriptor = open(url.path, O_RDONLY)
    guard descriptor >= 0 else { throw failed(String(cString: strerror(errno))) }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw failed(String(cString: strerror(errno))) }
    guard status.st_mode & S_IFMT == S_IFREG else { throw failed("it is not a regular file") }
    let size = Int(status.st_size)
    guard size > 0 else {
      bytes = UnsafeRawBufferPointer(start: nil, count: 0)
      return
    }
    guard let address = mmap(nil, size, PROT_READ, MAP_PRIVATE, descriptor, 0),
      address != MAP_FAILED
    else { throw failed(String(cString: strerror(errno))) }
    bytes = UnsafeRawBufferPointer(start: address, count: size)
  }

  /// A copy of the first bytes, at most `count`.
  func start(_ count: Int) -> [UInt8] {
    withExtendedLifetime(self) { Array(bytes.prefix(count)) }
  }

  /// Releases the memory of a range's whole pages; later accesses read them again.
  /// Otherwise a file that is read takes its size in memory beside the copies.
  func release(_ range: Range<Int>) {
    guard let address = bytes.baseAddress else { return }
    let page = Int(getpagesize())
    let start = (range.lowerBound + page - 1) / page * page
    let end = range.upperBound / page * page
    guard start < end else { return }
    madvise(UnsafeMutableRawPointer(mutating: address + start), end - start, MADV_DONTNEED)
  }

  deinit {
    if let address = bytes.baseAddress {
      munmap(UnsafeMutableRawPointer(mutating: address), bytes.count)
    }
  }
}

/// A matrix of floats in a mapped safetensors file. Its rows are read on demand; nothing
/// is copied or converted before.
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

extension UnsafeRawBufferPointer {
  /// Passes the bytes on in order, at most a mebibyte at a time, so that writing a large
  /// tensor does not take a second copy of it.
  func forEachChunk(_ take: (Data) throws -> Void) rethrows {
    let size = 1 << 20
    for start in stride(from: 0, to: count, by: size) {
      try take(Data(UnsafeRawBufferPointer(rebasing: self[start..<Swift.min(start + size, count)])))
    }
  }
}
