import Foundation
import GRDB
import Synchronization

/// The workspace's database: videos, selections, requests, attempts,
/// descriptions and the text index.
///
/// SQLite in WAL mode, each change one transaction. What brings an end (an answer, a
/// failure) is flushed to the disk before the call returns, with all that came before it.
/// What only begins (a claim, a request, the start of a try) outlives the process at
/// once, and a loss of power from the next flush on. Calls block; they may come from any
/// thread, and several processes may use one ledger at once.
public final class Ledger: Sendable {
  /// The database file.
  public let file: URL
  private let pool: DatabasePool
  private let flushes = Mutex(0)
  /// How many changes were flushed by their own call.
  package var flushCount: Int { flushes.withLock { $0 } }

  /// How long a change waits for another process before `WorkspaceError.busy`.
  public static let busySeconds = 30.0

  /// Opens the ledger and brings its tables up to this version; makes it where
  /// there is none.
  ///
  /// - Throws: `WorkspaceError.notADatabase`, `.newerSchema`, `.cannotOpen`, `.diskFull`.
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
      // GRDB relaxes this to NORMAL under WAL; an answer costs more than a flush.
      try database.execute(sql: "PRAGMA synchronous = FULL")
      if let pageLimit { try database.execute(sql: "PRAGMA max_page_count = \(pageLimit)") }
    }
    do {
      // One process at a time: two would both find the tables missing.
      pool = try FolderLock.hold(file.deletingLastPathComponent()) {
        let pool = try DatabasePool(path: file.path, configuration: configuration)
        let migrator = LedgerSchema.migrator
        if try pool.read(migrator.hasBeenSuperseded) {
          throw WorkspaceError.newerSchema(path: file.path)
        }
        if try !pool.read(migrator.hasCompletedMigrations) { try migrator.migrate(pool) }
        return pool
      }
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
  /// - Parameter isFlushed: whether the call waits for the disk; else the next that does
  ///   waits for this change too. Either way no end of the process loses it.
  func writing<Value>(isFlushed: Bool = true, _ body: (Database) throws -> Value) throws -> Value {
    do {
      return try pool.writeWithoutTransaction { database in
        try database.execute(sql: "PRAGMA synchronous = \(isFlushed ? "FULL" : "NORMAL")")
        var value: Value?
        try database.inTransaction(.immediate) {
          value = try body(database)
          return .commit
        }
        if isFlushed { flushes.withLock { $0 += 1 } }
        guard let value else { preconditionFailure("a transaction without its body") }
        return value
      }
    } catch let error as DatabaseError {
      throw Self.translate(error, path: file.path)
    }
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
