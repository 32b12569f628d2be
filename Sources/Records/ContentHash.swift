import Crypto
import Foundation

/// SHA-256 of bytes, as lowercase hexadecimal: how content is named in keys and
/// records.
public struct ContentHash: Sendable {
  private var state = SHA256()

  public init() {}

  /// Adds bytes to what is hashed.
  public mutating func update(_ data: some DataProtocol) {
    state.update(data: data)
  }

  /// Adds a string's UTF-8 bytes and a terminating zero byte, so that two
  /// strings in a row never hash like their concatenation.
  public mutating func update(_ string: String) {
    state.update(data: Array(string.utf8))
    state.update(data: [0])
  }

  /// The 64 hexadecimal digits of everything added so far.
  public func finalize() -> String {
    Self.hexadecimal(state.finalize())
  }

  /// The hash of one block of bytes.
  public static func of(_ data: some DataProtocol) -> String {
    hexadecimal(SHA256.hash(data: data))
  }

  /// The hash of a file's bytes, read in pieces of 1 MiB.
  public static func ofFile(at url: URL) throws -> String {
    let handle = try FileHandle(forReadingFrom: url)
    defer { try? handle.close() }
    var hash = ContentHash()
    while let piece = try handle.read(upToCount: 1 << 20), !piece.isEmpty {
      hash.update(piece)
    }
    return hash.finalize()
  }

  /// A digest's bytes in lowercase hexadecimal.
  static func hexadecimal(_ digest: some Sequence<UInt8>) -> String {
    let digits = Array("0123456789abcdef".utf8)
    var text: [UInt8] = []
    text.reserveCapacity(64)
    for byte in digest {
      text.append(digits[Int(byte >> 4)])
      text.append(digits[Int(byte & 15)])
    }
    return String(decoding: text, as: UTF8.self)
  }
}
