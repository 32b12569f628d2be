import Foundation

/// How elements go into a file: in pieces that stay small, so that writing a large
/// tensor takes no second copy of it.
enum FilePieces {
  private static let byteCount = 1 << 20

  /// Hands bytes on in order, at most a mebibyte at a time.
  static func pass(_ bytes: UnsafeRawBufferPointer, to take: (Data) throws -> Void) rethrows {
    for start in stride(from: 0, to: bytes.count, by: byteCount) {
      let end = min(start + byteCount, bytes.count)
      try take(Data(UnsafeRawBufferPointer(rebasing: bytes[start..<end])))
    }
  }
}
