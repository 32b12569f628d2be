import Foundation

/// The bytes of a file, mapped read-only for as long as the object lives.
final class MappedFile: @unchecked Sendable {
  // Unchecked because of the pointer; it is never written through.
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

  /// Gives back the memory of a range's whole pages; they are read again where they
  /// are asked for again. Without it, reading a file takes its size beside the copies.
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
