import Foundation

/// Lets one process at a time do something in a folder.
enum FolderLock {
  /// Runs `body` while this process holds the folder; waits for another that does.
  /// The system gives the folder back when a process ends, however it ends.
  ///
  /// - Throws: `WorkspaceError.cannotOpen`, or what `body` throws.
  static func hold<Value>(_ folder: URL, _ body: () throws -> Value) throws -> Value {
    let descriptor = open(folder.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else {
      throw WorkspaceError.cannotOpen(path: folder.path, reason: String(cString: strerror(errno)))
    }
    defer { close(descriptor) }
    while flock(descriptor, LOCK_EX) != 0 {
      let code = errno
      guard code == EINTR else {
        throw WorkspaceError.cannotOpen(path: folder.path, reason: String(cString: strerror(code)))
      }
    }
    return try body()
  }
}
