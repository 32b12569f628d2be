import Foundation
import GRDB

/// A row of `leases`: one run's claim on one item. While the lease is held, no other run
/// works on the item.
public struct LedgerLease: Codable, Sendable, Equatable {
  /// The video.
  public var videoID: String
  /// The key of the intended question, as in `Ledger.store`.
  public var intentKey: String
  /// The run that holds the lease: `LeaseHolder.token`.
  public var holder: String
  /// The process of that run, as in `ProcessIdentity`.
  public var realm: String
  public var processID: Int
  public var startTicks: Int64
  /// When the lease was taken.
  public var claimed: Date
  /// When the lease ends. After this time any run may take the item.
  public var expires: Date
  /// Whether the holder finished the item without an answer. The mark stays so that runs
  /// that began earlier do not try the item again.
  public var hasFailed: Bool

  /// The process of the run that holds the lease.
  public var process: ProcessIdentity {
    ProcessIdentity(realm: realm, processID: processID, startTicks: startTicks)
  }

  /// Whether the lease excludes other runs at a moment.
  public func isHeld(at moment: Date) -> Bool {
    !hasFailed && expires > moment && !process.isKnownToHaveEnded
  }
}

extension LedgerLease: FetchableRecord, PersistableRecord {
  public static let databaseTableName = "leases"
}

/// A run that claims items.
public struct LeaseHolder: Sendable {
  /// Unique to the run.
  public let token: String
  /// The process that it runs in.
  public let process: ProcessIdentity
  /// When the run began.
  public let began: Date

  public init(
    token: String = UUID().uuidString, process: ProcessIdentity = .current, began: Date = Date()
  ) {
    self.token = token
    self.process = process
    self.began = began
  }
}

/// The result of a claim on an item.
public enum LedgerClaim: Sendable, Equatable {
  /// The item belongs to the asking run until its lease expires.
  case claimed
  /// Another run works on it.
  case held
  /// The item has an answer.
  case answered
  /// Another run has failed with the item since the asking run began.
  case failed
}

/// Identifies one process, so that another process can determine whether it still runs.
///
/// The process number alone is not enough. The system reuses numbers, and a number means
/// another process in another container or after a restart.
public struct ProcessIdentity: Codable, Sendable, Equatable {
  /// The scope of the number: the boot of the machine and the process name space. Empty if
  /// the system does not report them.
  public let realm: String
  /// The process number.
  public let processID: Int
  /// The start time of the process, in clock ticks since the machine's start; 0 if the
  /// system does not report it.
  public let startTicks: Int64

  public init(realm: String, processID: Int, startTicks: Int64) {
    self.realm = realm
    self.processID = processID
    self.startTicks = startTicks
  }

  /// The running process of a number in this name space; nil if there is none.
  public init?(processID: Int) {
    guard let startTicks = Self.startTicks(of: processID) else { return nil }
    self.init(realm: Self.ownRealm, processID: processID, startTicks: startTicks)
  }

  /// This process.
  public static let current: ProcessIdentity = {
    let number = Int(ProcessInfo.processInfo.processIdentifier)
    return ProcessIdentity(processID: number)
      ?? ProcessIdentity(realm: "", processID: number, startTicks: 0)
  }()

  /// Whether the process has certainly ended. False if this process cannot determine it: for
  /// another machine, another container, or before a restart.
  public var isKnownToHaveEnded: Bool {
    guard !realm.isEmpty, realm == Self.ownRealm else { return false }
    return Self.startTicks(of: processID) != startTicks
  }

  private static let ownRealm: String = {
    guard
      let boot = try? String(contentsOfFile: "/proc/sys/kernel/random/boot_id", encoding: .utf8),
      let space = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/ns/pid")
    else { return "" }
    return "\(boot.trimmingCharacters(in: .whitespacesAndNewlines)) \(space)"
  }()

  /// Field 22 of `/proc/<pid>/stat` (proc(5)); nil for a process that has ended, including
  /// a zombie.
  private static func startTicks(of processID: Int) -> Int64? {
    guard let text = try? String(contentsOfFile: "/proc/\(processID)/stat", encoding: .utf8),
      // The name in parentheses may contain spaces and parentheses.
      let nameEnd = text.lastIndex(of: ")")
    else { return nil }
    let fields = text[text.index(after: nameEnd)...].split(separator: " ")
    guard fields.count > 19, !["Z", "X", "x"].contains(fields[0]) else { return nil }
    return Int64(fields[19])
  }
}

extension Ledger {
  /// Takes an item for a run if the item has no answer and no other run holds it.
  ///
  /// A lease that has expired, or whose process has ended, is taken over. A claim on an item
  /// that another run holds does not write.
  public func claim(
    videoID: String, intentKey: String, for holder: LeaseHolder, seconds: Double,
    now: Date = Date()
  ) throws -> LedgerClaim {
    func standing(_ database: Database) throws -> LedgerClaim {
      try Self.standing(
        videoID: videoID, intentKey: intentKey, for: holder, now: now, in: database)
    }
    let seen = try reading(standing)
    guard seen == .claimed else { return seen }
    return try writing(isFlushed: false) { database in
      let found = try standing(database)
      guard found == .claimed else { return found }
      try LedgerLease(
        videoID: videoID, intentKey: intentKey, holder: holder.token,
        realm: holder.process.realm, processID: holder.process.processID,
        startTicks: holder.process.startTicks, claimed: now,
        expires: now.addingTimeInterval(seconds), hasFailed: false
      ).upsert(database)
      return .claimed
    }
  }

  /// The result of a claim at this moment; `.claimed` if the item is free.
  private static func standing(
    videoID: String, intentKey: String, for holder: LeaseHolder, now: Date, in database: Database
  ) throws -> LedgerClaim {
    let isAnswered = try database.hasRow(
      "SELECT 1 FROM intents WHERE videoID = ? AND key = ?", [videoID, intentKey])
    if isAnswered { return .answered }
    let held = SQLRequest<LedgerLease>(
      sql: "SELECT * FROM leases WHERE videoID = ? AND intentKey = ?",
      arguments: [videoID, intentKey], cached: true)
    guard let lease = try held.fetchOne(database), lease.holder != holder.token
    else { return .claimed }
    if lease.hasFailed { return lease.expires > holder.began ? .failed : .claimed }
    return lease.isHeld(at: now) ? .held : .claimed
  }

  /// Extends all leases of a run.
  public func renewLeases(of holder: LeaseHolder, seconds: Double, now: Date = Date()) throws {
    try writing(isFlushed: false) {
      try $0.execute(
        sql: "UPDATE leases SET expires = ? WHERE holder = ? AND NOT hasFailed",
        arguments: [now.addingTimeInterval(seconds), holder.token])
    }
  }

  /// Releases an item without an answer. (`store` ends the lease of an answered item.)
  ///
  /// - Parameter hasFailed: true if the run has finished the item, so that its last failed
  ///   attempt ended it. If false, any run may take the item.
  public func release(
    videoID: String, intentKey: String, by holder: LeaseHolder, hasFailed: Bool,
    now: Date = Date()
  ) throws {
    try writing(isFlushed: hasFailed) { database in
      let lease = LedgerLease.filter(
        Column("videoID") == videoID && Column("intentKey") == intentKey
          && Column("holder") == holder.token)
      if hasFailed {
        let count = try lease.updateAll(
          database, Column("hasFailed").set(to: true), Column("expires").set(to: now))
        guard count > 0 else { return }
        try database.execute(
          sql: """
            UPDATE attempts SET endedItem = TRUE WHERE id = (
              SELECT max(id) FROM attempts
              WHERE videoID = ? AND intentKey = ? AND status = 'failed')
            """, arguments: [videoID, intentKey])
      } else {
        try lease.deleteAll(database)
      }
    }
  }

  /// The leases that are held now, in the order of the videos' ids.
  package func heldLeases(now: Date = Date()) throws -> [LedgerLease] {
    try reading { try LedgerLease.order(Column("videoID")).fetchAll($0) }
      .filter { $0.isHeld(at: now) }
  }
}
