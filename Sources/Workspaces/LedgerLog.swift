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
  private struct Flushed {
    var number: UInt64 = 0
    var count = 0
  }
  private let flushed = Mutex(Flushed())

  init(path: String) { self.path = path }

  /// How often the disk was waited for.
  var flushCount: Int { flushed.withLock(\.count) }

  /// Now: after every commit that has returned.
  func point() -> Point {
    points.withLock {
      $0 += 1
      return Point(number: $0)
    }
  }

  func flush(to point: Point) throws {
    try flushed.withLock { flushed in
      // Another's flush has brought it.
      guard flushed.number < point.number else { return }
      let number = points.withLock { $0 }
      try synchronize()
      flushed.number = number
      flushed.count += 1
    }
  }

  private func synchronize() throws {
    // SQLite's locks are on the database and on its index of the log: to close another
    // descriptor of the log itself gives none of them up.
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw failure() }
    defer { close(descriptor) }
    guard fdatasync(descriptor) == 0 else { throw failure() }
  }

  private func failure() -> WorkspaceError {
    if errno == ENOSPC { return .diskFull(path: path) }
    return .cannotStore(path: path, reason: String(cString: strerror(errno)))
  }
}
