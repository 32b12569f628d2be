import Foundation

/// How large files are.
public enum FileSize {
  /// The bytes of a file's content, links followed; nil where there is none.
  public static func bytes(at url: URL) -> Int? {
    var status = stat()
    guard stat(url.path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
    return Int(status.st_size)
  }
}
