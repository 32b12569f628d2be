import Foundation

/// A matrix of floats in a file, whose rows are read on demand and kept nowhere.
///
/// A read opens the file, reads and closes it. Data sets have more files than a process may map
/// (65,530 by default) or hold open, and a file that another program shortens would kill a
/// process that has it mapped; a read finds that the file is no longer the same.
public struct StoredRows: Sendable {
  public let url: URL
  public let rowCount: Int
  public let width: Int
  /// Whether the file has IEEE half precision.
  public let isHalfPrecision: Bool
  /// Where the elements begin in the file.
  private let start: Int
  private let elementBytes: Int
  private let convert: ElementConversion.FloatReader
  private let identity: Identity

  /// What tells a file from a later one of its name.
  private struct Identity: Equatable, Sendable {
    var file: UInt64
    var size, seconds, nanoseconds: Int

    init(_ status: stat) {
      file = UInt64(status.st_ino)
      size = Int(status.st_size)
      seconds = status.st_mtim.tv_sec
      nanoseconds = status.st_mtim.tv_nsec
    }
  }

  /// The array of a NumPy file; nil where it is no matrix in row-major order.
  ///
  /// - Throws: as `Npy.layout`.
  public init?(npy url: URL) throws {
    let identity = try Self.identity(of: url)
    let (header, type) = try Npy.checkedHeader(of: MappedFile(url: url), path: url.path)
    guard header.shape.count == 2, !header.isFortranOrder else { return nil }
    self.init(
      url: url, shape: header.shape, isHalfPrecision: type.isHalfPrecision,
      start: header.dataStart, elementBytes: type.byteCount,
      convert: { type.read($0, into: $1) }, identity: identity)
  }

  /// A tensor of a safetensors file; nil where it is no matrix of floats.
  ///
  /// - Throws: as `SafetensorsFile`, and where there is no tensor of that name.
  public init?(safetensors url: URL, tensor name: String) throws {
    let identity = try Self.identity(of: url)
    let entry = try SafetensorsFile(url: url).entry(name)
    guard entry.shape.count == 2, let convert = ElementConversion.toFloat(entry.elementType) else {
      return nil
    }
    self.init(
      url: url, shape: entry.shape, isHalfPrecision: entry.elementType == .float16,
      start: entry.bytes.lowerBound, elementBytes: entry.elementType.byteCount, convert: convert,
      identity: identity)
  }

  private init(
    url: URL, shape: [Int], isHalfPrecision: Bool, start: Int, elementBytes: Int,
    convert: @escaping ElementConversion.FloatReader, identity: Identity
  ) {
    self.url = url
    (rowCount, width) = (shape[0], shape[1])
    self.isHalfPrecision = isHalfPrecision
    self.start = start
    self.elementBytes = elementBytes
    self.convert = convert
    self.identity = identity
  }

  /// Neighbouring rows as 32-bit floats, [n, width].
  ///
  /// - Throws: `TensorError.cannotRead`, and `.changedFile` where the file is not the one that
  ///   was opened first.
  /// - Precondition: the matrix has those rows.
  public func read(_ rows: Range<Int>) throws -> Tensor<Float> {
    precondition(
      rows.lowerBound >= 0 && rows.upperBound <= rowCount, "rows \(rows) of \(rowCount)")
    let descriptor = open(url.path, O_RDONLY)
    guard descriptor >= 0 else { throw Self.failed(url) }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw Self.failed(url) }
    guard Identity(status) == identity else { throw TensorError.changedFile(path: url.path) }
    let rowBytes = width * elementBytes
    let bytes = UnsafeMutableRawBufferPointer.allocate(
      byteCount: rows.count * rowBytes, alignment: 16)
    defer { bytes.deallocate() }
    var done = 0
    while done < bytes.count {
      let count = pread(
        descriptor, bytes.baseAddress.map { $0 + done }, bytes.count - done,
        off_t(start + rows.lowerBound * rowBytes + done))
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { throw Self.failed(url) }
      guard count > 0 else { throw TensorError.changedFile(path: url.path) }
      done += count
    }
    return Tensor(shape: [rows.count, width]) { convert(UnsafeRawBufferPointer(bytes), $0) }
  }

  private static func identity(of url: URL) throws -> Identity {
    var status = stat()
    guard stat(url.path, &status) == 0 else { throw failed(url) }
    return Identity(status)
  }

  private static func failed(_ url: URL) -> TensorError {
    .cannotRead(path: url.path, reason: String(cString: strerror(errno)))
  }
}
