import Foundation
import GRDB

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
