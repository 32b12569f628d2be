import Foundation
import GRDB
import Synchronization

/// The workspace's database: videos, selections, requests, attempts,
/// descriptions and the text index.
///
/// SQLite in WAL mode. Each change is one transaction and survives the end of the process
/// at once. A call that stores an answer or a failure returns after a flush to the disk,
/// which also covers all earlier changes. Claims and attempt starts survive a power loss
/// only after the next flush. Calls block. They may come from any thread, and several
/// processes may use one ledger at once.
public final class Ledger: Sendable {
  /// The database file.
  public let file: URL
  private let pool: DatabasePool
  private let log: LedgerLog
  /// The fingerprints of video files by path, for `fingerprint(of:)`; nil before its first call.
  let knownFingerprints = Mutex<[String: VideoFingerprint]?>(nil)
  /// The number of flushes of the log.
  package var flushCount: Int { log.flushCount }

  /// How long a change waits for another process before `WorkspaceError.busy`.
  public static let busySeconds = 30.0

  /// Opens the ledger, and makes it where there is none.
  ///
  /// - Throws: `WorkspaceError.notADatabase`, `.earlierSchema`, `.newerSchema`,
  ///   `.cannotOpen`, `.diskFull`.
  public convenience init(at file: URL) throws {
    try self.init(at: file, pageLimit: nil)
  }

  /// The same with an upper bound on the file's pages, for tests of a full disk.
  package init(at file: URL, pageLimit: Int?) throws {
    self.file = file
    do {
      try FileManager.default.createDirectory(
        at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
    } catch {
      throw WorkspaceError.cannotOpen(path: file.path, reason: error.localizedDescription)
    }
    var configuration = Configuration()
    configuration.busyMode = .timeout(Self.busySeconds)
    configuration.prepareDatabase { database in
      // A commit does not wait for the disk; `flush` does, without blocking other writers.
      try database.execute(sql: "PRAGMA synchronous = NORMAL")
      if let pageLimit { try database.execute(sql: "PRAGMA max_page_count = \(pageLimit)") }
    }
    do {
      // One process at a time: otherwise two could both find the tables missing.
      pool = try FolderLock.hold(file.deletingLastPathComponent()) {
        let pool = try DatabasePool(path: file.path, configuration: configuration)
        try LedgerSchema.prepare(pool, path: file.path)
        return pool
      }
      // SQLite keeps the log beside the target of a symbolic link.
      let opened = try pool.read {
        try String.fetchOne($0, sql: "SELECT file FROM pragma_database_list WHERE name = 'main'")
      }
      log = LedgerLog(path: (opened ?? file.path) + "-wal")
    } catch let error as DatabaseError {
      throw Self.translate(error, path: file.path)
    }
  }

  /// Moves the write-ahead log into the database file, so that a copy of the file alone is
  /// complete, and closes the database.
  ///
  /// - Throws: `WorkspaceError` when the database is in use or cannot be written.
  public func close() throws {
    do {
      // GRDB keeps the log when it closes.
      try pool.writeWithoutTransaction { _ = try $0.checkpoint(.truncate) }
      try pool.close()
    } catch let error as DatabaseError {
      throw Self.translate(error, path: file.path)
    }
  }

  /// Runs `body` on one unchanging state of the database.
  func reading<Value>(_ body: (Database) throws -> Value) throws -> Value {
    do {
      return try pool.read(body)
    } catch let error as DatabaseError {
      throw Self.translate(error, path: file.path)
    }
  }

  /// Runs `body` as one transaction.
  ///
  /// - Parameter isFlushed: whether the call waits for the disk. Otherwise the next flush
  ///   covers this change too. In both cases the change survives the end of the process.
  func writing<Value>(isFlushed: Bool = true, _ body: (Database) throws -> Value) throws -> Value {
    let value: Value
    do {
      value = try pool.writeWithoutTransaction { database in
        var value: Value?
        try database.inTransaction(.immediate) {
          value = try body(database)
          return .commit
        }
        guard let value else { preconditionFailure("the transaction did not run its body") }
        return value
      }
    } catch let error as DatabaseError {
      throw Self.translate(error, path: file.path)
    }
    if isFlushed { try flush() }
    return value
  }

  /// A point after all changes that the ledger has stored so far.
  public var flushPoint: LedgerLog.Point { log.point() }

  /// Waits until all changes before `point` are on the disk; without a point, all changes
  /// before the call. Concurrent callers share one flush.
  ///
  /// - Throws: `WorkspaceError.cannotStore`, `.diskFull` where the disk refuses data that the
  ///   system had accepted. The change stays visible to readers, and each later call throws
  ///   too.
  public func flush(to point: LedgerLog.Point? = nil) throws {
    try log.flush(to: point ?? log.point())
  }

  /// SQLite's codes for writes that the system refused for another reason than a full disk,
  /// such as a quota or a limit on the file size.
  private static let writeFailures: [ResultCode] = [
    .SQLITE_IOERR_WRITE, .SQLITE_IOERR_FSYNC, .SQLITE_IOERR_DIR_FSYNC, .SQLITE_IOERR_TRUNCATE,
    .SQLITE_IOERR_SHMOPEN, .SQLITE_IOERR_SHMSIZE, .SQLITE_IOERR_SHMMAP,
  ]

  private static func translate(_ error: DatabaseError, path: String) -> WorkspaceError {
    let reason = error.message ?? "SQLite error \(error.resultCode.rawValue)"
    switch error.resultCode {
    case .SQLITE_NOTADB, .SQLITE_CORRUPT: return .notADatabase(path: path, reason: reason)
    case .SQLITE_FULL: return .diskFull(path: path)
    case .SQLITE_IOERR where writeFailures.contains(error.extendedResultCode):
      return .cannotStore(path: path, reason: reason)
    case .SQLITE_BUSY, .SQLITE_LOCKED: return .busy(path: path)
    case .SQLITE_CONSTRAINT:
      return .brokenRule(path: path, reason: "\(reason) in: \(error.sql ?? "a transaction")")
    case .SQLITE_CANTOPEN, .SQLITE_PERM, .SQLITE_READONLY:
      return .cannotOpen(path: path, reason: reason)
    default: return .database(path: path, reason: reason)
    }
  }
}

/// Statements that each item of a run executes. SQLite compiles each of them once.
extension Database {
  func change(_ sql: String, _ arguments: StatementArguments) throws {
    try cachedStatement(sql: sql).execute(arguments: arguments)
  }

  func hasRow(_ sql: String, _ arguments: StatementArguments) throws -> Bool {
    try SQLRequest<Row>(sql: sql, arguments: arguments, cached: true).fetchOne(self) != nil
  }
}

/// An exclusive lock of a folder between processes.
enum FolderLock {
  /// Runs `body` while this process holds the lock, and waits while another process does.
  /// The system releases the lock when a process ends, also when it is killed.
  ///
  /// - Throws: `WorkspaceError.cannotOpen`, and the errors of `body`.
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
