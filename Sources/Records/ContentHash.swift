import CCrypto
import Foundation

/// SHA-256 of bytes, as lowercase hexadecimal: how content is named in keys and
/// records.
public struct ContentHash: Sendable {
  private var digest = MessageDigest(.sha256)

  public init() {}

  /// Adds bytes to what is hashed.
  public mutating func update(_ data: some DataProtocol) { digest.update(data) }

  /// Adds a string's UTF-8 bytes and a terminating zero byte, so that two
  /// strings in a row never hash like their concatenation.
  public mutating func update(_ string: String) {
    digest.update(Array(string.utf8))
    digest.update([0])
  }

  /// The 64 hexadecimal digits of everything added so far. More can be added afterwards.
  public func finalize() -> String { digest.hexadecimal() }

  /// The hash of one block of bytes.
  public static func of(_ data: some DataProtocol) -> String {
    var digest = MessageDigest(.sha256)
    digest.update(data)
    return digest.hexadecimal()
  }

  /// The hash of a file's bytes, read in pieces of 1 MiB.
  public static func ofFile(at url: URL) throws -> String {
    let handle = try FileHandle(forReadingFrom: url)
    defer { try? handle.close() }
    var digest = MessageDigest(.sha256)
    try digest.update(restOf: handle)
    return digest.hexadecimal()
  }
}

/// The SHA-1 by which git names a file's content: how a model hub identifies the
/// small files that it keeps in git itself.
public enum GitBlobHash {
  /// The hash of a file's bytes, 40 lowercase hexadecimal digits, read in pieces of 1 MiB.
  public static func ofFile(at url: URL) throws -> String {
    let handle = try FileHandle(forReadingFrom: url)
    defer { try? handle.close() }
    let count = try handle.seekToEnd()
    try handle.seek(toOffset: 0)
    var digest = MessageDigest(.sha1)
    digest.update(Array("blob \(count)\0".utf8))
    try digest.update(restOf: handle)
    return digest.hexadecimal()
  }
}

/// One of libcrypto's digests, as a value: changing a copy leaves the original as it was.
private struct MessageDigest: Sendable {
  enum Algorithm { case sha256, sha1 }

  /// Owns an EVP_MD_CTX. Only `update` writes to it, and only where no other digest
  /// refers to it, so that sharing it between threads is safe.
  private final class Context: @unchecked Sendable {
    let handle: OpaquePointer

    init() {
      guard let handle = EVP_MD_CTX_new() else { preconditionFailure("no memory for a digest") }
      self.handle = handle
    }

    init(copying other: Context) {
      guard let handle = EVP_MD_CTX_new(), EVP_MD_CTX_copy_ex(handle, other.handle) == 1 else {
        preconditionFailure("no memory for a digest")
      }
      self.handle = handle
    }

    deinit { EVP_MD_CTX_free(handle) }
  }

  private var context = Context()

  init(_ algorithm: Algorithm) {
    let method =
      switch algorithm {
      case .sha256: EVP_sha256()
      case .sha1: EVP_sha1()
      }
    precondition(
      EVP_DigestInit_ex(context.handle, method, nil) == 1, "libcrypto lacks \(algorithm)")
  }

  mutating func update(_ data: some DataProtocol) {
    if !isKnownUniquelyReferenced(&context) { context = Context(copying: context) }
    withExtendedLifetime(context) {
      for region in data.regions {
        region.withUnsafeBytes { bytes in
          precondition(EVP_DigestUpdate(context.handle, bytes.baseAddress, bytes.count) == 1)
        }
      }
    }
  }

  /// Adds everything from where the file is read next to its end.
  mutating func update(restOf file: FileHandle) throws {
    while let piece = try file.read(upToCount: 1 << 20), !piece.isEmpty { update(piece) }
  }

  /// The digest so far in lowercase hexadecimal.
  func hexadecimal() -> String {
    var bytes = [UInt8](repeating: 0, count: Int(EVP_MAX_MD_SIZE))
    var count: UInt32 = 0
    // Finishing ends a context, so a copy is finished.
    let last = Context(copying: context)
    withExtendedLifetime(last) {
      precondition(EVP_DigestFinal_ex(last.handle, &bytes, &count) == 1)
    }
    let digits = Array("0123456789abcdef".utf8)
    var text: [UInt8] = []
    text.reserveCapacity(2 * Int(count))
    for byte in bytes[..<Int(count)] {
      text.append(digits[Int(byte >> 4)])
      text.append(digits[Int(byte & 15)])
    }
    return String(decoding: text, as: UTF8.self)
  }
}
