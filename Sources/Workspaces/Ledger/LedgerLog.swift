import Foundation
import Synchronization

/// Brings SQLite's write-ahead log to the disk, apart from the commits that fill it.
///
/// Under `synchronous = FULL` a commit flushes the log while it holds the only right to
/// write, and all who want to write wait for the disk with it. Here a commit ends in the
/// system's cache, and the log is flushed afterwards, once for all who wait: a group
/// commit. SQLite itself flushes the log before it folds it into the database and before
/// it writes it anew (https://www.sqlite.org/wal.html, "Performance Considerations"), so
/// that nothing that was flushed here is lost by either.
public final class LedgerLog: Sendable {
  /// A moment in the log's life.
  public struct Point: Sendable {
    fileprivate let number: UInt64
  }

  private let path: String
  private let points = Mutex<UInt64>(0)
  private struct State {
    /// Open for good: an error of the disk is told once to each descriptor that was open.
    var descriptor: Int32 = -1
    var flushed: UInt64 = 0
    var count = 0
    /// What could not be flushed may be gone though a later flush works.
    var failure: WorkspaceError?
  }
  private let state = Mutex(State())

  /// - Parameter path: the log that SQLite writes.
  package init(path: String) { self.path = path }

  deinit {
    let descriptor = state.withLock(\.descriptor)
    if descriptor >= 0 { close(descriptor) }
  }

  /// How often the disk was waited for.
  package var flushCount: Int { state.withLock(\.count) }

  /// Now: after every commit that has returned.
  package func point() -> Point {
    points.withLock {
      $0 += 1
      return Point(number: $0)
    }
  }

  /// - Throws: `WorkspaceError.diskFull`, `.cannotStore`, and from then on each time.
  package func flush(to point: Point) throws {
    try state.withLock { state in
      // Another's flush has brought it.
      guard state.flushed < point.number else { return }
      if let failure = state.failure { throw failure }
      let number = points.withLock { $0 }
      do {
        if state.descriptor < 0 { state.descriptor = try openLog() }
        try retried { fdatasync(state.descriptor) }
      } catch let error as WorkspaceError {
        state.failure = error
        throw error
      }
      state.flushed = number
      state.count += 1
    }
  }

  // SQLite's locks are on the database and on its index of the log: to close another
  // descriptor of the log itself gives none of them up.
  private func openLog() throws -> Int32 {
    let folder = open(
      (path as NSString).deletingLastPathComponent, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard folder >= 0 else { throw failure() }
    defer { close(folder) }
    // The log's name is on the disk with its folder; some file systems cannot do that.
    try retried(orFailingWith: [EINVAL, ENOTSUP]) { fsync(folder) }
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw failure() }
    return descriptor
  }

  private func retried(orFailingWith allowed: [Int32] = [], _ call: () -> Int32) throws {
    while call() != 0 {
      if errno == EINTR { continue }
      guard allowed.contains(errno) else { throw failure() }
      return
    }
  }

  private func failure() -> WorkspaceError {
    let code = errno
    if code == ENOSPC { return .diskFull(path: path) }
    return .cannotStore(path: path, reason: String(cString: strerror(code)))
  }
}
