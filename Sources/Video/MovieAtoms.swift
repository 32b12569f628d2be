import Foundation

/// Reads the outermost boxes of an MP4 or QuickTime file (ISO/IEC 14496-12, 4.2),
/// to say what a file that does not open is missing.
enum MovieAtoms {
  /// A phrase on the missing part, or nil when index and media data are both
  /// there in full.
  static func whatIsMissing(_ path: String) -> String? {
    guard let file = try? FileHandle(forReadingFrom: URL(fileURLWithPath: path)) else { return nil }
    defer { try? file.close() }
    guard let size = try? file.seekToEnd() else { return nil }
    var offset: UInt64 = 0
    var hasIndex = false
    while offset + 8 <= size {
      guard (try? file.seek(toOffset: offset)) != nil,
        let header = try? file.read(upToCount: 16), header.count >= 8
      else { break }
      let bytes = Array(header)
      let name = String(decoding: bytes[4..<8], as: UTF8.self)
      var length = bytes[0..<4].reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
      if length == 1, bytes.count == 16 {
        length = bytes[8..<16].reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
      }
      if length == 0 { length = size - offset }
      guard length >= 8 else { break }
      if name == "moov" { hasIndex = true }
      let (end, overflow) = offset.addingReportingOverflow(length)
      if overflow || end > size {
        return "its '\(name)' part ends \(overflow ? "far" : "\(end - size) bytes") "
          + "beyond the end of the file" + (hasIndex ? "" : " and there is no index ('moov')")
      }
      offset = end
    }
    return hasIndex ? nil : "there is no index ('moov')"
  }
}
