import Crypto
import Foundation

/// The SHA-1 by which git names a file's content: how a model hub identifies the
/// small files that it keeps in git itself.
public enum GitBlobHash {
  /// The hash of a file's bytes, 40 lowercase hexadecimal digits, read in pieces of 1 MiB.
  public static func ofFile(at url: URL) throws -> String {
    let handle = try FileHandle(forReadingFrom: url)
    defer { try? handle.close() }
    let count = try handle.seekToEnd()
    try handle.seek(toOffset: 0)
    var state = Insecure.SHA1()
    state.update(data: Array("blob \(count)\0".utf8))
    while let piece = try handle.read(upToCount: 1 << 20), !piece.isEmpty {
      state.update(data: piece)
    }
    return ContentHash.hexadecimal(state.finalize())
  }
}
