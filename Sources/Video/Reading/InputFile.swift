import Foundation
import Records

/// Checks a file before a decoder opens it.
enum InputFile {
  /// Throws unless `path` is a readable plain file with content.
  ///
  /// - Returns: The size in bytes.
  @discardableResult
  static func check(_ path: String) throws -> Int {
    var status = stat()
    guard stat(path, &status) == 0 else {
      let code = errno
      if code == ENOENT, let name = FolderEntries.undecodableName(at: path) {
        throw VideoError.undecodableName(path: path, name: name)
      }
      throw code == ENOENT || code == ENOTDIR
        ? VideoError.missing(path: path)
        : VideoError.unreadable(path: path, reason: String(cString: strerror(code)))
    }
    switch status.st_mode & S_IFMT {
    case S_IFDIR: throw VideoError.folder(path: path)
    case S_IFREG: break
    default: throw VideoError.notAFile(path: path)
    }
    guard status.st_size > 0 else { throw VideoError.empty(path: path) }
    guard access(path, R_OK) == 0 else {
      throw VideoError.unreadable(path: path, reason: String(cString: strerror(errno)))
    }
    return Int(status.st_size)
  }

  /// Whether the first 512 bytes are printable ASCII or UTF-8.
  static func looksLikeText(_ path: String) -> Bool {
    guard let file = try? FileHandle(forReadingFrom: URL(fileURLWithPath: path)) else {
      return false
    }
    defer { try? file.close() }
    guard let start = try? file.read(upToCount: 512), !start.isEmpty else { return false }
    let hasControls = start.contains { $0 < 32 && ![9, 10, 12, 13, 27].contains($0) }
    // The last character may be cut in two.
    return !hasControls && !String(decoding: start, as: UTF8.self).dropLast().contains("\u{FFFD}")
  }

  /// The whole content of a checked file.
  static func read(_ path: String) throws -> Data {
    try check(path)
    do {
      return try Data(contentsOf: URL(fileURLWithPath: path))
    } catch {
      throw VideoError.unreadable(path: path, reason: error.localizedDescription)
    }
  }
}
