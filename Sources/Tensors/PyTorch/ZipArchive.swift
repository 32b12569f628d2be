import CZlib
import Foundation

/// The entries of a zip file, mapped: enough of PKWARE's APPNOTE 6.3 for what
/// `torch.save` writes (stored entries, zip64 where sizes need it).
///
/// The central directory is the truth; it must fill exactly the bytes before its
/// end record, and no two entries may share a byte.
struct ZipArchive: Sendable {
  struct Entry: Sendable {
    var name: String
    /// Where the content lies in the file.
    var bytes: Range<Int>
    /// Whether the content is there as it is, not compressed.
    var isStored: Bool
    var checksum: UInt32
    /// From the local header to the content's end.
    var extent: Range<Int>
  }

  /// What is wrong, in a phrase.
  struct Failure: Error {
    var found: String
  }

  /// The four bytes that a zip file with entries begins with.
  static let localSignature: [UInt8] = [0x50, 0x4B, 0x03, 0x04]
  /// The most entries that are read.
  static let maximumEntries = 1 << 20

  let entries: [String: Entry]
  private let file: MappedFile

  /// - Throws: `Failure`.
  init(_ file: MappedFile) throws {
    let reader = ZipReader(bytes: file.bytes)
    let list = try reader.entries()
    var entries: [String: Entry] = [:]
    for entry in list {
      guard entries.updateValue(entry, forKey: entry.name) == nil else {
        throw Failure(found: "two entries '\(entry.name)'")
      }
    }
    var end = 0
    for entry in list.sorted(by: { $0.extent.lowerBound < $1.extent.lowerBound }) {
      guard entry.extent.lowerBound >= end else {
        throw Failure(found: "entry '\(entry.name)' overlaps another")
      }
      end = entry.extent.upperBound
    }
    self.entries = entries
    self.file = file
  }

  /// The content of a stored entry.
  ///
  /// - Throws: `Failure` for a compressed one.
  func content(of entry: Entry) throws -> UnsafeRawBufferPointer {
    guard entry.isStored else {
      throw Failure(found: "entry '\(entry.name)' is compressed, torch.save stores")
    }
    return UnsafeRawBufferPointer(rebasing: file.bytes[entry.bytes])
  }

  /// - Throws: `Failure` where the content is not what the checksum was made of.
  func verify(_ entry: Entry) throws {
    let bytes = try content(of: entry)
    guard crc32_z(0, bytes.bindMemory(to: UInt8.self).baseAddress, bytes.count) == entry.checksum
    else {
      throw Failure(found: "the bytes of entry '\(entry.name)' do not match their checksum")
    }
  }
}
