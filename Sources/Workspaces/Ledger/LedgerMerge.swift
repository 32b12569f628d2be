import Foundation
import GRDB

/// Joins another ledger into this one, for machines that each described a part.
///
/// Existing rows stay, and missing videos, selections, requests, attempts and answers are
/// added. Joining the same ledger again changes nothing. Leases and text features are not
/// joined (the vectors are files of the other workspace).
public struct LedgerMerge: Sendable {
  /// The counts of added rows.
  public struct Summary: Codable, Sendable, Equatable {
    public var videos = 0
    public var selections = 0
    public var requests = 0
    public var attempts = 0
    public var descriptions = 0
    /// Questions that both ledgers answered differently; our answer stays.
    public var answeredOnBothSides = 0
    /// Videos with another file in the other ledger. Nothing about them was joined.
    public var conflicts: [String] = []
    /// The record files of the added selections, as the other workspace names them.
    public var recordPaths: [String] = []
  }

  private var summary = Summary()
  // Rows that refer to these videos are left out too.
  private var skippedVideos: Set<String> = []
  private var attemptIDs: [Int64: Int64] = [:]

  /// Joins `other` into `ledger`, in one transaction.
  public static func join(_ other: Ledger, into ledger: Ledger) throws -> Summary {
    try other.reading { source in
      try ledger.writing { target in
        var merge = LedgerMerge()
        try merge.joinVideos(source, target)
        try merge.joinSelections(source, target)
        try merge.joinRequests(source, target)
        try merge.joinAttempts(source, target)
        try merge.joinDescriptions(source, target)
        try merge.joinPresent(source, target)
        return merge.summary
      }
    }
  }

  private mutating func joinVideos(_ source: Database, _ target: Database) throws {
    let rows = try Row.fetchCursor(source, sql: "SELECT * FROM videos ORDER BY id")
    while let row = try rows.next() {
      let id: String = row["id"]
      guard
        let own = try Row.fetchOne(
          target, sql: "SELECT fingerprint FROM videos WHERE id = ?", arguments: [id])
      else {
        try Self.insert(row, into: "videos", setting: ["descriptionKey": .null], in: target)
        summary.videos += 1
        continue
      }
      let hashes: [String] = [own["fingerprint"], row["fingerprint"]]
      // A file that could not be read has no hash.
      if hashes[0] != hashes[1], !hashes.contains(VideoFingerprint.unmeasured.hash) {
        skippedVideos.insert(id)
        summary.conflicts.append(id)
      }
    }
  }

  private mutating func joinSelections(_ source: Database, _ target: Database) throws {
    let rows = try Row.fetchCursor(source, sql: "SELECT * FROM selections")
    while let row = try rows.next() {
      guard !skippedVideos.contains(row["videoID"]),
        try !Self.has(row, ["videoID", "key"], in: "selections", target)
      else { continue }
      try Self.insert(row, into: "selections", in: target)
      summary.selections += 1
      if let path: String = row["recordPath"] { summary.recordPaths.append(path) }
    }
  }

  private mutating func joinRequests(_ source: Database, _ target: Database) throws {
    let rows = try Row.fetchCursor(source, sql: "SELECT * FROM requests")
    while let row = try rows.next() {
      guard try !Self.has(row, ["key"], in: "requests", target) else { continue }
      var changed: [String: DatabaseValue] = [:]
      if skippedVideos.contains(row["videoID"]) {
        guard let video = try sharer(of: row["key"], source) else { continue }
        // The selection belongs to the video that asked first.
        changed = ["videoID": video.databaseValue, "selectionKey": .null]
      }
      try Self.insert(row, into: "requests", setting: changed, in: target)
      summary.requests += 1
    }
  }

  /// A video with the answer to a request, or with an attempt at it, that is not left out.
  private func sharer(of request: String, _ source: Database) throws -> String? {
    try String.fetchAll(
      source,
      sql: """
        SELECT videoID FROM descriptions WHERE requestKey = ?1
        UNION SELECT videoID FROM attempts WHERE requestKey = ?1
        ORDER BY videoID
        """, arguments: [request]
    ).first { !skippedVideos.contains($0) }
  }

  /// Each ledger numbers its own attempts. Two rows are the same attempt if all values known
  /// at its start agree; among several such rows the n-th here is the n-th there.
  private mutating func joinAttempts(_ source: Database, _ target: Database) throws {
    let start = ["videoID", "requestKey", "stage", "processID", "started", "endpoint"]
    var taken: [[DatabaseValue]: Int] = [:]
    let rows = try Row.fetchCursor(source, sql: "SELECT * FROM attempts ORDER BY id")
    while let row = try rows.next() {
      guard !skippedVideos.contains(row["videoID"]), try Self.hasRequest(of: row, target) else {
        continue
      }
      let key = start.map { row[$0] as DatabaseValue }
      let place = taken[key, default: 0]
      taken[key] = place + 1
      let own = try Row.fetchOne(
        target,
        sql: "SELECT id, status FROM attempts WHERE "
          + start.map { "\($0) IS ?" }.joined(separator: " AND ") + " ORDER BY id LIMIT 1 OFFSET ?",
        arguments: StatementArguments(key) + [place])
      let number: Int64 = row["id"]
      guard let own else {
        try Self.insert(row, into: "attempts", setting: ["id": .null], in: target)
        attemptIDs[number] = target.lastInsertedRowID
        summary.attempts += 1
        continue
      }
      let ownNumber: Int64 = own["id"]
      attemptIDs[number] = ownNumber
      // Our row is a copy from before the attempt ended.
      if own["status"] as String == "started", row["status"] as String != "started" {
        let columns = row.columnNames.filter { $0 != "id" }
        try target.execute(
          sql: "UPDATE attempts SET " + columns.map { "\($0) = ?" }.joined(separator: ", ")
            + " WHERE id = ?",
          arguments: StatementArguments(columns.map { row[$0] as DatabaseValue }) + [ownNumber])
      }
    }
  }

  private mutating func joinDescriptions(_ source: Database, _ target: Database) throws {
    let rows = try Row.fetchCursor(source, sql: "SELECT * FROM descriptions")
    while let row = try rows.next() {
      guard !skippedVideos.contains(row["videoID"]), try Self.hasRequest(of: row, target) else {
        continue
      }
      let own = try String.fetchOne(
        target, sql: "SELECT text FROM descriptions WHERE videoID = ? AND requestKey = ?",
        arguments: [row["videoID"] as String, row["requestKey"] as String])
      if let own {
        if own != row["text"] as String { summary.answeredOnBothSides += 1 }
        continue
      }
      let attempt = (row["attemptID"] as Int64?).flatMap { attemptIDs[$0] }
      try Self.insert(
        row, into: "descriptions", setting: ["attemptID": attempt.databaseValue], in: target)
      summary.descriptions += 1
    }
  }

  /// Joins the intents, and the present descriptions of videos without one.
  private mutating func joinPresent(_ source: Database, _ target: Database) throws {
    let intents = try Row.fetchCursor(source, sql: "SELECT * FROM intents")
    while let row = try intents.next() {
      guard try Self.has(row, ["videoID", "requestKey"], in: "descriptions", target),
        try !Self.has(row, ["videoID", "key"], in: "intents", target)
      else { continue }
      try Self.insert(row, into: "intents", in: target)
    }
    let videos = try Row.fetchCursor(
      source, sql: "SELECT id, descriptionKey FROM videos WHERE descriptionKey IS NOT NULL")
    while let row = try videos.next() {
      guard !skippedVideos.contains(row["id"]) else { continue }
      try target.execute(
        sql: """
          UPDATE videos SET descriptionKey = ?1 WHERE id = ?2 AND isCurrent AND descriptionKey IS NULL
            AND EXISTS (SELECT 1 FROM descriptions WHERE videoID = ?2 AND requestKey = ?1)
          """, arguments: [row["descriptionKey"] as String, row["id"] as String])
    }
  }

  private static func hasRequest(of row: Row, _ target: Database) throws -> Bool {
    guard let key: String = row["requestKey"] else { return true }
    return try LedgerRequest.exists(target, key: key)
  }

  private static func has(
    _ row: Row, _ columns: [String], in table: String, _ target: Database
  ) throws -> Bool {
    try Bool.fetchOne(
      target,
      sql: "SELECT EXISTS (SELECT 1 FROM \(table) WHERE "
        + columns.map { "\($0) = ?" }.joined(separator: " AND ") + ")",
      arguments: StatementArguments(columns.map { row[$0] as DatabaseValue })) ?? false
  }

  /// Copies all columns of a row as they are stored.
  private static func insert(
    _ row: Row, into table: String, setting changed: [String: DatabaseValue] = [:],
    in target: Database
  ) throws {
    let columns = Array(row.columnNames)
    try target.execute(
      sql: "INSERT INTO \(table) (\(columns.joined(separator: ", "))) VALUES ("
        + columns.map { _ in "?" }.joined(separator: ", ") + ")",
      arguments: StatementArguments(columns.map { changed[$0] ?? row[$0] as DatabaseValue }))
  }
}
