import Foundation
import Synchronization

/// Flushes SQLite's write-ahead log to the disk, separately from the commits that fill it.
///
/// Under `synchronous = FULL` a commit flushes the log while it holds the write lock, so all
/// other writers wait for the disk too. Here a commit ends in the system's cache, and a later
/// flush covers all waiting callers at once (a group commit). SQLite itself flushes the log
/// before it copies it into the database and before it overwrites it
/// (https://www.sqlite.org/wal.html, "Performance Considerations"), so neither step loses
/// data that was flushed here.
public final class LedgerLog: Sendable {
  /// A moment in the log's history.
  public struct Point: Sendable {
    fileprivate let number: UInt64
  }

  private let path: String
  private let points = Mutex<UInt64>(0)
  private struct State {
    /// Stays open: the system reports a disk error once to each descriptor that was open.
    var descriptor: Int32 = -1
    var flushed: UInt64 = 0
    var count = 0
    /// Kept for good: data of a failed flush may be lost although a later flush succeeds.
    var failure: WorkspaceError?
  }
  private let state = Mutex(State())

  /// - Parameter path: the log file that SQLite writes.
  package init(path: String) { self.path = path }

  deinit {
    let descriptor = state.withLock(\.descriptor)
    if descriptor >= 0 { close(descriptor) }
  }

  /// The number of flushes so far.
  package var flushCount: Int { state.withLock(\.count) }

  /// The current moment: after every commit that has returned.
  package func point() -> Point {
    points.withLock {
      $0 += 1
      return Point(number: $0)
    }
  }

  /// Waits until all commits before `point` are on the disk.
  ///
  /// - Throws: `WorkspaceError.diskFull`, `.cannotStore`. After a failure each later call
  ///   throws the same error.
  package func flush(to point: Point) throws {
    try state.withLock { state in
      // Another caller's flush has covered the point.
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

  // SQLite's locks are on the database file and on the index of the log. Closing another
  // descriptor of the log itself releases none of them.
  private func openLog() throws -> Int32 {
    let folder = open(
      (path as NSString).deletingLastPathComponent, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard folder >= 0 else { throw failure() }
    defer { close(folder) }
    // Flushing the folder stores the log's name; some file systems do not support it.
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
