import Foundation
import GRDB

extension Ledger {
  /// Stores a request without a selection, for tests; the same question asked before is
  /// left as it is.
  package func record(_ request: LedgerRequest) throws {
    try writing { try Self.insertOnce(request, in: $0) }
  }

  /// Stores what is about to be asked (the selection, the duration, the request) in
  /// one transaction, and looks whether it was answered before, for any video.
  public func prepare(
    _ request: LedgerRequest, selection: LedgerSelection, durationSeconds: Double
  ) throws -> LedgerDescription? {
    try writing(isFlushed: false) { database in
      try selection.upsert(database)
      try database.change(
        "UPDATE videos SET durationSeconds = ? WHERE id = ?",
        [durationSeconds, selection.videoID])
      try Self.insertOnce(request, in: database)
      return try Self.answer(toRequest: request.key, in: database)
    }
  }

  // Not "INSERT OR IGNORE", which would also pass over a row that breaks a rule.
  private static func insertOnce(_ request: LedgerRequest, in database: Database) throws {
    let isKnown = try database.hasRow("SELECT 1 FROM requests WHERE key = ?", [request.key])
    if !isKnown { try request.insert(database) }
  }

  /// A request by its key.
  public func request(_ key: String) throws -> LedgerRequest? {
    try reading { try LedgerRequest.fetchOne($0, key: key) }
  }

  /// Stores an accepted answer with the end of the attempt that brought it, and
  /// makes it the video's present description, all in one transaction, which also
  /// ends the item's lease. Where the request was answered for this video already,
  /// the first answer stays.
  ///
  /// - Parameters:
  ///   - intentKey: hash of what decided the request before any frame was decoded, under
  ///     which a rerun finds the answer.
  ///   - isFlushed: false for a caller that waits by `flush` before it calls it stored.
  public func store(
    _ description: LedgerDescription, intentKey: String, endOf attempt: LedgerAttempt? = nil,
    isFlushed: Bool = true
  ) throws {
    try writing(isFlushed: isFlushed) { database in
      try attempt?.update(database)
      let isKnown = try database.hasRow(
        "SELECT 1 FROM descriptions WHERE videoID = ? AND requestKey = ?",
        [description.videoID, description.requestKey])
      if !isKnown { try description.insert(database) }
      try database.change(
        "INSERT OR REPLACE INTO intents (videoID, key, requestKey) VALUES (?, ?, ?)",
        [description.videoID, intentKey, description.requestKey])
      try database.change(
        "DELETE FROM leases WHERE videoID = ? AND intentKey = ?",
        [description.videoID, intentKey])
      try Self.makePresent(description.requestKey, of: description.videoID, in: database)
    }
  }

  /// Which videos have an answer under their intent: request keys by video id.
  public func answeredRequests(intentKeys: [String: String]) throws -> [String: String] {
    try reading { database in
      var answered: [String: String] = [:]
      let rows = try Row.fetchCursor(database, sql: "SELECT videoID, key, requestKey FROM intents")
      while let row = try rows.next() {
        let video: String = row["videoID"]
        if intentKeys[video] == row["key"] as String { answered[video] = row["requestKey"] }
      }
      return answered
    }
  }

  /// Makes answers the present descriptions of their videos: request keys by video id.
  public func makePresent(_ requestKeys: [String: String]) throws {
    let present = try reading { database in
      try Row.fetchAll(
        database, sql: "SELECT id, descriptionKey FROM videos WHERE descriptionKey IS NOT NULL"
      ).reduce(into: [:]) { $0[$1["id"] as String] = $1["descriptionKey"] as String }
    }
    let changed = requestKeys.filter { present[$0.key] != $0.value }
    guard !changed.isEmpty else { return }
    try writing { database in
      for (video, key) in changed.sorted(by: { $0.key < $1.key }) {
        try Self.makePresent(key, of: video, in: database)
      }
    }
  }

  /// An answer to a request, for whichever video it was given first.
  public func answer(toRequest key: String) throws -> LedgerDescription? {
    try reading { try Self.answer(toRequest: key, in: $0) }
  }

  private static func answer(toRequest key: String, in database: Database) throws
    -> LedgerDescription?
  {
    try SQLRequest<LedgerDescription>(
      sql: "SELECT * FROM descriptions WHERE requestKey = ? ORDER BY created LIMIT 1",
      arguments: [key], cached: true
    ).fetchOne(database)
  }

  /// A video's present description.
  public func description(videoID: String) throws -> LedgerDescription? {
    try presentDescriptions(filter: "videos.id = ?", [videoID]).first
  }

  /// The present descriptions of a split's videos (all where nil), by video id.
  public func descriptions(split: String? = nil) throws -> [LedgerDescription] {
    try split.map { try presentDescriptions(filter: "videos.split = ?", [$0]) }
      ?? presentDescriptions(filter: "1", [])
  }

  private func presentDescriptions(filter: String, _ arguments: StatementArguments) throws
    -> [LedgerDescription]
  {
    try reading {
      try LedgerDescription.fetchAll(
        $0,
        sql: """
          SELECT descriptions.* FROM videos
          JOIN descriptions ON descriptions.videoID = videos.id
            AND descriptions.requestKey = videos.descriptionKey
          WHERE \(filter) ORDER BY videos.id
          """, arguments: arguments)
    }
  }

  private static func makePresent(_ key: String, of video: String, in database: Database) throws {
    try database.change("UPDATE videos SET descriptionKey = ? WHERE id = ?", [key, video])
  }
}
