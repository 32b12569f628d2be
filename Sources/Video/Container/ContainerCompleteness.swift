import Foundation

/// Finds the missing part of a file that does not open or decode, from its outermost
/// structure.
enum ContainerCompleteness {
  /// The missing part in words; nil if none is known.
  ///
  /// - Parameter format: FFmpeg's name of the demuxer.
  static func whatIsMissing(_ path: String, format: String) -> String? {
    guard let file = try? FileHandle(forReadingFrom: URL(fileURLWithPath: path)) else { return nil }
    defer { try? file.close() }
    guard let size = try? file.seekToEnd() else { return nil }
    if format.hasPrefix("mov") { return missingOfMovie(file, size: size) }
    if format == "avi" { return missingOfRIFF(file, size: size) }
    if format.hasPrefix("matroska") { return missingOfMatroska(file, size: size) }
    return nil
  }

  /// The bytes before the part of an MP4 or QuickTime file that is cut off; nil unless an
  /// index and whole fragments come before it.
  static func wholeLength(_ path: String, format: String) -> Int64? {
    guard format.hasPrefix("mov"),
      let file = try? FileHandle(forReadingFrom: URL(fileURLWithPath: path))
    else { return nil }
    defer { try? file.close() }
    guard let size = try? file.seekToEnd() else { return nil }
    var end: UInt64 = 0
    var parts: Set<String> = []
    guard missingOfMovie(file, size: size, end: &end, parts: &parts) != nil,
      parts.isSuperset(of: ["moov", "moof", "mdat"])
    else { return nil }
    return Int64(end)
  }

  private static func missingOfMovie(_ file: FileHandle, size: UInt64) -> String? {
    var end: UInt64 = 0
    var parts: Set<String> = []
    return missingOfMovie(file, size: size, end: &end, parts: &parts)
  }

  /// The outermost boxes of MP4 and QuickTime (ISO/IEC 14496-12, 4.2).
  ///
  /// - Parameters:
  ///   - offset: The end of the last whole box.
  ///   - parts: The names of the whole boxes.
  private static func missingOfMovie(
    _ file: FileHandle, size: UInt64, end offset: inout UInt64, parts: inout Set<String>
  ) -> String? {
    offset = 0
    var hasIndex = false
    while offset + 8 <= size, let header = bytes(of: file, at: offset, count: 16),
      header.count >= 8
    {
      let name = String(
        decoding: header[4..<8].map { (32..<127).contains($0) ? $0 : UInt8(ascii: "?") },
        as: UTF8.self)
      var length = header[0..<4].reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
      if length == 1, header.count == 16 {
        length = header[8..<16].reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
      }
      if length == 0 { length = size - offset }
      guard length >= 8 else { break }
      if name == "moov" { hasIndex = true }
      let (end, overflow) = offset.addingReportingOverflow(length)
      if overflow || end > size {
        return "its '\(name)' part ends \(overflow ? "far" : "\(end - size) bytes") "
          + "beyond the end of the file" + (hasIndex ? "" : ", without an index ('moov')")
      }
      offset = end
      parts.insert(name)
    }
    if hasIndex, offset < size, size - offset < 8 {
      return "its last part has \(size - offset) bytes of a header of 8"
    }
    return hasIndex ? nil : "there is no index ('moov')"
  }

  /// The length in the first RIFF header (AVI).
  private static func missingOfRIFF(_ file: FileHandle, size: UInt64) -> String? {
    guard let header = bytes(of: file, at: 0, count: 8), header.count == 8,
      header.starts(with: Array("RIFF".utf8))
    else { return nil }
    let end = header[4..<8].reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) } + 8
    return end > size ? "its header claims \(end) bytes, the file has \(size)" : nil
  }

  /// The length of the segment in Matroska and WebM (RFC 8794, 4.4 and RFC 9559, 5.1).
  private static func missingOfMatroska(_ file: FileHandle, size: UInt64) -> String? {
    guard let start = bytes(of: file, at: 0, count: 128) else { return nil }
    /// A number of variable length at a place; nil if it is unknown or incomplete.
    func number(at place: Int) -> (value: UInt64, length: Int)? {
      guard place < start.count, start[place] > 0 else { return nil }
      let length = start[place].leadingZeroBitCount + 1
      guard place + length <= start.count else { return nil }
      let marked = start[place..<place + length].reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
      let value = marked & ~(UInt64(1) << (7 * length))
      return value == (UInt64(1) << (7 * length)) - 1 ? nil : (value, length)
    }
    guard start.starts(with: [0x1A, 0x45, 0xDF, 0xA3]), let header = number(at: 4),
      header.value < 100
    else { return nil }
    let segment = 4 + header.length + Int(header.value)
    guard start.dropFirst(segment).starts(with: [0x18, 0x53, 0x80, 0x67]),
      let length = number(at: segment + 4)
    else { return nil }
    let (end, overflow) = UInt64(segment + 4 + length.length)
      .addingReportingOverflow(length.value)
    return overflow || end > size
      ? "its header claims \(overflow ? "more" : "\(end) bytes"), the file has \(size)" : nil
  }

  private static func bytes(of file: FileHandle, at offset: UInt64, count: Int) -> [UInt8]? {
    guard (try? file.seek(toOffset: offset)) != nil,
      let data = try? file.read(upToCount: count)
    else { return nil }
    return Array(data)
  }
}
