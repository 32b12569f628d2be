import Foundation
import Records

/// A file of a model as the hub's metadata describes it.
public struct HubFile: Sendable, Equatable {
  /// Inside the repository, parts separated by slashes.
  public let path: String
  public let byteCount: Int
  /// What its bytes must hash to.
  public let hash: HubHash

  public init(path: String, byteCount: Int, hash: HubHash) {
    self.path = path
    self.byteCount = byteCount
    self.hash = hash
  }
}

/// A content hash by which the hub names a file; its digits are also the file's
/// name among the cache's blobs.
public enum HubHash: Sendable, Equatable {
  /// Of files in large file storage.
  case sha256(String)
  /// Of files in git itself.
  case gitBlob(String)

  /// Nil for what is not 64 or 40 lowercase hexadecimal digits.
  public init?(digits: String) {
    guard digits.utf8.allSatisfy({ "0123456789abcdef".utf8.contains($0) }) else { return nil }
    switch digits.utf8.count {
    case 64: self = .sha256(digits)
    case 40: self = .gitBlob(digits)
    default: return nil
    }
  }

  public var digits: String {
    switch self {
    case .sha256(let digits), .gitBlob(let digits): digits
    }
  }

  /// The digits that a file's bytes have of the same kind.
  public func ofFile(at url: URL) throws -> String {
    switch self {
    case .sha256: try ContentHash.ofFile(at: url)
    case .gitBlob: try GitBlobHash.ofFile(at: url)
    }
  }
}
