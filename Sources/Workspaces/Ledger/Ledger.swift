import Foundation
import GRDB
import Synchronization

/// The workspace's database: videos, selections, requests, attempts,
/// descriptions and the text index.
///
/// SQLite in WAL mode, each change one transaction, which outlives the process at once.
/// What brings an end (an answer, a failure) is also flushed to the disk before the call
/// returns, with all that came before it. What only begins (a claim, a request, the start
/// of a try) outlives a loss of power from the next flush on. Calls block; they may come
/// from any thread, and several processes may use one ledger at once.
public final class Ledger: Sendable {
  /// The database file.
  public let file: URL
  private let pool: DatabasePool
  private let log: LedgerLog
  /// The fingerprints of video files by path, for `fingerprint(of:)`; nil before its first call.
  let knownFingerprints = Mutex<[String: VideoFingerprint]?>(nil)
  /// How often the log was flushed.
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
      // A commit waits for no disk: `flush` does, and holds nobody's next change up.
      try database.execute(sql: "PRAGMA synchronous = NORMAL")
      if let pageLimit { try database.execute(sql: "PRAGMA max_page_count = \(pageLimit)") }
    }
    do {
      // One process at a time: two would both find the tables missing.
      pool = try FolderLock.hold(file.deletingLastPathComponent()) {
        let pool = try DatabasePool(path: file.path, configuration: configuration)
        try LedgerSchema.prepare(pool, path: file.path)
        return pool
      }
      // Beside the file that a link leads to.
      let opened = try pool.read {
        try String.fetchOne($0, sql: "SELECT file FROM pragma_database_list WHERE name = 'main'")
      }
      log = LedgerLog(path: (opened ?? file.path) + "-wal")
    } catch let error as DatabaseError {
      throw Self.translate(error, path: file.path)
    }
  }

  /// Folds the write-ahead log into the file, so that a copy of the file alone is
  /// whole, and closes the database.
  ///
  /// - Throws: `WorkspaceError` when it is in use or cannot be written.
  public func close() throws {
    do {
      // GRDB keeps the log when it closes.
      try pool.writeWithoutTransaction { _ = try $0.checkpoint(.truncate) }
      try pool.close()
    } catch let error as DatabaseError {
      throw Self.translate(error, path: file.path)
    }
  }

  /// Runs `body` on a state of the database that does not change under it.
  func reading<Value>(_ body: (Database) throws -> Value) throws -> Value {
    do {
      return try pool.read(body)
    } catch let error as DatabaseError {
      throw Self.translate(error, path: file.path)
    }
  }

  /// Runs `body` as one transaction.
  ///
  /// - Parameter isFlushed: whether the call waits for the disk; else the next flush
  ///   brings this change too. Either way no end of the process loses it.
  func writing<Value>(isFlushed: Bool = true, _ body: (Database) throws -> Value) throws -> Value {
    let value: Value
    do {
      value = try pool.writeWithoutTransaction { database in
        var value: Value?
        try database.inTransaction(.immediate) {
          value = try body(database)
          return .commit
        }
        guard let value else { preconditionFailure("a transaction without its body") }
        return value
      }
    } catch let error as DatabaseError {
      throw Self.translate(error, path: file.path)
    }
    if isFlushed { try flush() }
    return value
  }

  /// Everything that is in the ledger by now.
  public var flushPoint: LedgerLog.Point { log.point() }

  /// Waits until what was stored before a point (without one, before the call) is on the
  /// disk. Many who wait share a flush.
  ///
  /// - Throws: `WorkspaceError.cannotStore`, `.diskFull`, where the disk refuses what the
  ///   system had taken; the change itself stays to be seen, and each later call throws too.
  public func flush(to point: LedgerLog.Point? = nil) throws {
    try log.flush(to: point ?? log.point())
  }

  /// What SQLite says where the system refused a write for another reason than a
  /// full disk: a quota or a limit on a file's size, for two.
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

/// Statements that each item of a run executes: SQLite compiles them once.
extension Database {
  func change(_ sql: String, _ arguments: StatementArguments) throws {
    try cachedStatement(sql: sql).execute(arguments: arguments)
  }

  func hasRow(_ sql: String, _ arguments: StatementArguments) throws -> Bool {
    try SQLRequest<Row>(sql: sql, arguments: arguments, cached: true).fetchOne(self) != nil
  }
}

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
