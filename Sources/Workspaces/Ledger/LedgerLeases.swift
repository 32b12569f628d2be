import Foundation
import GRDB

/// One run's claim on one item: while it holds, no other run asks about it.
public struct LedgerLease: Codable, Sendable, Equatable {
  /// The video.
  public var videoID: String
  /// What is to be asked about it, as in `Ledger.store`.
  public var intentKey: String
  /// The run that holds it: `LeaseHolder.token`.
  public var holder: String
  /// The process of that run: `ProcessIdentity`.
  public var realm: String
  public var processID: Int
  public var startTicks: Int64
  /// When it was taken.
  public var claimed: Date
  /// From when on anybody may take it.
  public var expires: Date
  /// Whether the holder is through with the item and has no answer: kept so that
  /// runs that began before do not try it once more.
  public var hasFailed: Bool

  /// The process of the run that holds it.
  public var process: ProcessIdentity {
    ProcessIdentity(realm: realm, processID: processID, startTicks: startTicks)
  }

  /// Whether it keeps others away at a moment.
  public func isHeld(at moment: Date) -> Bool {
    !hasFailed && expires > moment && !process.isKnownToHaveEnded
  }
}

extension LedgerLease: FetchableRecord, PersistableRecord {
  public static let databaseTableName = "leases"
}

/// A run that takes leases.
public struct LeaseHolder: Sendable {
  /// Unlike any other run's.
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

/// What became of the wish to work on an item.
public enum LedgerClaim: Sendable, Equatable {
  /// The item is the asking run's until its lease expires.
  case claimed
  /// Another run works on it.
  case held
  /// It has an answer.
  case answered
  /// Another run has failed with it since the asking run began.
  case failed
}

/// Names one process so that another can tell whether it still lives.
///
/// A process number alone is not enough: it is given again after a while, and
/// means another process in another container or after a restart.
public struct ProcessIdentity: Codable, Sendable, Equatable {
  /// Within what the number counts: the boot of the machine and the name space of
  /// process numbers; empty where the system does not tell.
  public let realm: String
  /// The process number.
  public let processID: Int
  /// When the process began, in clock ticks since the machine's start; 0 where the
  /// system does not tell.
  public let startTicks: Int64

  public init(realm: String, processID: Int, startTicks: Int64) {
    self.realm = realm
    self.processID = processID
    self.startTicks = startTicks
  }

  /// The process of a number as seen from here; nil where there is none.
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

  /// Whether the process has ended. False where that cannot be known from here:
  /// on another machine, in another container, before a restart.
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

  /// Field 22 of `/proc/<pid>/stat` (proc(5)); nil for a process that is no more,
  /// also one that only waits for its parent to notice.
  private static func startTicks(of processID: Int) -> Int64? {
    guard let text = try? String(contentsOfFile: "/proc/\(processID)/stat", encoding: .utf8),
      // The name in parentheses may hold spaces and parentheses.
      let nameEnd = text.lastIndex(of: ")")
    else { return nil }
    let fields = text[text.index(after: nameEnd)...].split(separator: " ")
    guard fields.count > 19, !["Z", "X", "x"].contains(fields[0]) else { return nil }
    return Int64(fields[19])
  }
}

extension Ledger {
  /// Takes an item for a run, where it has no answer and nobody holds it.
  ///
  /// A lease that has expired, or whose process has ended, is taken over. To ask
  /// about an item that others hold costs no write.
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

  /// What a claim would come to; `.claimed` where the item is free.
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

  /// Lengthens all that a run holds.
  public func renewLeases(of holder: LeaseHolder, seconds: Double, now: Date = Date()) throws {
    try writing(isFlushed: false) {
      try $0.execute(
        sql: "UPDATE leases SET expires = ? WHERE holder = ? AND NOT hasFailed",
        arguments: [now.addingTimeInterval(seconds), holder.token])
    }
  }

  /// Gives an item back without an answer. (`store` ends the lease of what it
  /// stores.)
  ///
  /// - Parameter hasFailed: whether the run is through with the item, which its last
  ///   failed try has ended then; else it is free for anybody.
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

  /// What is being worked on, by video.
  package func heldLeases(now: Date = Date()) throws -> [LedgerLease] {
    try reading { try LedgerLease.order(Column("videoID")).fetchAll($0) }
      .filter { $0.isHeld(at: now) }
  }
}
