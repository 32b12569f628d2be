import CZlib
import Foundation

/// The entries of a zip file, mapped: enough of PKWARE's APPNOTE 6.3 for what
/// `torch.save` writes (stored entries, zip64 where sizes need it).
///
/// The central directory decides; it must fill exactly the bytes before its end record,
/// and no two entries may share a byte.
struct ZipArchive: Sendable {
  struct Entry: Sendable {
    var name: String
    /// The content's bytes in the file.
    var bytes: Range<Int>
    /// Whether the content is stored without compression.
    var isStored: Bool
    var checksum: UInt32
    /// From the local header to the content's end.
    var extent: Range<Int>
  }

  /// The fault, in a phrase.
  struct Failure: Error {
    var found: String
  }

  /// The four bytes that a zip file with entries begins with.
  static let localSignature: [UInt8] = [0x50, 0x4B, 0x03, 0x04]
  /// The limit on the number of entries.
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

  /// - Throws: `Failure` where the content does not match the checksum.
  func verify(_ entry: Entry) throws {
    let bytes = try content(of: entry)
    guard crc32_z(0, bytes.bindMemory(to: UInt8.self).baseAddress, bytes.count) == entry.checksum
    else {
      throw Failure(found: "the bytes of entry '\(entry.name)' do not match their checksum")
    }
  }
}

/// Reads a zip file's records; every offset and length is checked before use.
struct ZipReader {
  private typealias Failure = ZipArchive.Failure

  let bytes: UnsafeRawBufferPointer

  /// The position of the central directory and its number of entries.
  private struct Directory {
    var bytes: Range<Int>
    var count: Int
  }

  /// The entries in the directory's order.
  ///
  /// - Throws: `ZipArchive.Failure`.
  func entries() throws -> [ZipArchive.Entry] {
    let directory = try directory()
    guard directory.count <= min(ZipArchive.maximumEntries, directory.bytes.count / 46) else {
      throw Failure(
        found: "\(directory.count) entries in a directory of \(directory.bytes.count) bytes")
    }
    var entries: [ZipArchive.Entry] = []
    var position = directory.bytes.lowerBound
    for _ in 0..<directory.count {
      entries.append(try entry(at: &position, directory: directory.bytes))
    }
    guard position == directory.bytes.upperBound else {
      throw Failure(found: "a directory that is longer than its entries")
    }
    return entries
  }

  private func directory() throws -> Directory {
    let end = try endRecord()
    guard try integer(UInt16.self, at: end + 4) == 0, try integer(UInt16.self, at: end + 6) == 0
    else { throw Failure(found: "one disk of several") }
    var count = UInt64(try integer(UInt16.self, at: end + 10))
    var size = UInt64(try integer(UInt32.self, at: end + 12))
    var start = UInt64(try integer(UInt32.self, at: end + 16))
    var limit = end
    let locator = end - 20
    if locator >= 0, try integer(UInt32.self, at: locator) == 0x0706_4B50 {
      let wide = try offset(try integer(UInt64.self, at: locator + 8))
      guard try integer(UInt32.self, at: wide) == 0x0606_4B50, wide <= locator - 56 else {
        throw Failure(found: "no 64-bit end record where its locator points")
      }
      // PyTorch writes the wide record beside a narrow one of the same content.
      count = try integer(UInt64.self, at: wide + 32)
      size = try integer(UInt64.self, at: wide + 40)
      start = try integer(UInt64.self, at: wide + 48)
      limit = wide
    }
    let (stop, overflow) = start.addingReportingOverflow(size)
    guard !overflow, stop == UInt64(limit), count <= UInt64(bytes.count) else {
      throw Failure(
        found: "a directory of \(size) bytes at \(start) in a file of \(bytes.count): cut short?")
    }
    return Directory(bytes: Int(start)..<Int(stop), count: Int(count))
  }

  /// The position of the end record: the last one whose comment reaches the file's end.
  private func endRecord() throws -> Int {
    var position = bytes.count - 22
    let first = max(0, position - 0xFFFF)
    while position >= first {
      if bytes.loadUnaligned(fromByteOffset: position, as: UInt32.self) == 0x0605_4B50,
        position + 22 + Int(try integer(UInt16.self, at: position + 20)) == bytes.count
      {
        return position
      }
      position -= 1
    }
    throw Failure(found: "no end of a zip directory: the file is cut short")
  }

  private func entry(at position: inout Int, directory: Range<Int>) throws -> ZipArchive.Entry {
    let start = position
    guard directory.upperBound - start >= 46, try integer(UInt32.self, at: start) == 0x0201_4B50
    else { throw Failure(found: "no directory entry at byte \(start)") }
    let flags = try integer(UInt16.self, at: start + 8)
    let method = try integer(UInt16.self, at: start + 10)
    let nameCount = Int(try integer(UInt16.self, at: start + 28))
    let extraCount = Int(try integer(UInt16.self, at: start + 30))
    let commentCount = Int(try integer(UInt16.self, at: start + 32))
    position = start + 46 + nameCount + extraCount + commentCount
    guard position <= directory.upperBound else {
      throw Failure(found: "a directory entry at byte \(start) that passes the directory's end")
    }
    let nameStart = start + 46
    guard let name = String(validating: bytes[nameStart..<nameStart + nameCount], as: UTF8.self)
    else { throw Failure(found: "an entry name at byte \(nameStart) that is not UTF-8") }
    guard flags & 1 == 0 else { throw Failure(found: "entry '\(name)' is encrypted") }
    var sizes = [
      UInt64(try integer(UInt32.self, at: start + 24)),
      UInt64(try integer(UInt32.self, at: start + 20)),
      UInt64(try integer(UInt32.self, at: start + 42)),
    ]
    try widen(&sizes, from: nameStart + nameCount, count: extraCount, name: name)
    let (full, stored, local) = (sizes[0], sizes[1], sizes[2])
    guard method != 0 || full == stored else {
      throw Failure(found: "entry '\(name)' is stored, but its two sizes differ")
    }
    let header = try offset(local)
    guard try integer(UInt32.self, at: header) == 0x0403_4B50,
      Int(try integer(UInt16.self, at: header + 26)) == nameCount
    else { throw Failure(found: "no local header of '\(name)' at byte \(local)") }
    let localName = header + 30
    let content = localName + nameCount + Int(try integer(UInt16.self, at: header + 28))
    guard content <= directory.lowerBound,
      stored <= UInt64(directory.lowerBound - content),
      bytes[localName..<localName + nameCount].elementsEqual(
        bytes[nameStart..<nameStart + nameCount])
    else {
      throw Failure(found: "entry '\(name)' of \(stored) bytes at \(local) does not fit the file")
    }
    let end = content + Int(stored)
    return ZipArchive.Entry(
      name: name, bytes: content..<end, isStored: method == 0,
      checksum: try integer(UInt32.self, at: start + 16), extent: header..<end)
  }

  /// Takes the sizes that do not fit 32 bits from the zip64 field.
  private func widen(_ sizes: inout [UInt64], from start: Int, count: Int, name: String) throws {
    guard sizes.contains(0xFFFF_FFFF) else { return }
    var position = start
    let end = start + count
    while position + 4 <= end {
      let id = try integer(UInt16.self, at: position)
      let length = Int(try integer(UInt16.self, at: position + 2))
      position += 4
      guard position + length <= end else { break }
      if id == 1 {
        var field = position
        for index in sizes.indices where sizes[index] == 0xFFFF_FFFF {
          guard field + 8 <= position + length else {
            throw Failure(found: "entry '\(name)' lacks a 64-bit size")
          }
          sizes[index] = try integer(UInt64.self, at: field)
          field += 8
        }
        return
      }
      position += length
    }
    throw Failure(found: "entry '\(name)' lacks its 64-bit sizes")
  }

  private func offset(_ value: UInt64) throws -> Int {
    guard value < UInt64(bytes.count) else {
      throw Failure(found: "an offset \(value) past the end of \(bytes.count) bytes")
    }
    return Int(value)
  }

  private func integer<Value: FixedWidthInteger & BitwiseCopyable>(
    _ type: Value.Type, at position: Int
  ) throws -> Value {
    guard position >= 0, position <= bytes.count - MemoryLayout<Value>.size else {
      throw Failure(found: "a record at byte \(position) of \(bytes.count)")
    }
    return Value(littleEndian: bytes.loadUnaligned(fromByteOffset: position, as: Value.self))
  }
}
