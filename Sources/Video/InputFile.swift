import Foundation

/// Checks that come before any decoder sees a file.
enum InputFile {
  /// Throws unless `path` is a readable plain file with content.
  ///
  /// - Returns: The size in bytes.
  @discardableResult
  static func check(_ path: String) throws -> Int {
    var status = stat()
    guard stat(path, &status) == 0 else {
      throw errno == ENOENT || errno == ENOTDIR
        ? VideoError.missing(path: path)
        : VideoError.unreadable(path: path, reason: String(cString: strerror(errno)))
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
