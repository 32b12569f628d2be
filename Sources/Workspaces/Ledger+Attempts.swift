import Foundation
import GRDB

extension Ledger {
  /// Stores an attempt, mostly at its start, which is not waited for; the result carries
  /// its row's number.
  public func begin(_ attempt: LedgerAttempt) throws -> LedgerAttempt {
    try writing(isFlushed: attempt.status != .started) { database in
      var stored = attempt
      try stored.insert(database)
      return stored
    }
  }

  /// Stores how an attempt ended.
  public func end(_ attempt: LedgerAttempt) throws {
    try writing { try attempt.update($0) }
  }

  /// Stores an attempt that failed at once, and the item with it.
  public func noteFailure(
    _ attempt: LedgerAttempt, cause: AttemptCause = .other, reason: String
  ) throws {
    var failed = attempt
    failed.status = .failed
    failed.error = reason
    failed.cause = cause
    failed.endedItem = true
    failed.latencySeconds = Date().timeIntervalSince(attempt.started)
    _ = try begin(failed)
  }

  /// How many servers were lost under a request.
  public func losses(videoID: String, requestKey: String) throws -> Int {
    let count = SQLRequest<Int>(
      sql: """
        SELECT count(*) FROM attempts WHERE videoID = ? AND requestKey = ? AND cause = ?
        """, arguments: [videoID, requestKey, AttemptCause.serverLost], cached: true)
    return try reading { try count.fetchOne($0) ?? 0 }
  }

  /// A video's attempts, oldest first.
  public func attempts(videoID: String) throws -> [LedgerAttempt] {
    try reading {
      try LedgerAttempt.filter(Column("videoID") == videoID).order(Column("id")).fetchAll($0)
    }
  }

  /// How many rows there are, by table, and attempts by status.
  public func counts() throws -> LedgerCounts {
    try reading { database in
      func count(_ sql: String) throws -> Int { try Int.fetchOne(database, sql: sql) ?? 0 }
      return LedgerCounts(
        videos: try count("SELECT count(*) FROM videos"),
        selections: try count("SELECT count(*) FROM selections"),
        requests: try count("SELECT count(*) FROM requests"),
        attempts: try count("SELECT count(*) FROM attempts"),
        failedAttempts: try count("SELECT count(*) FROM attempts WHERE status = 'failed'"),
        descriptions: try count("SELECT count(*) FROM descriptions"),
        describedVideos: try count(
          "SELECT count(*) FROM videos WHERE descriptionKey IS NOT NULL"))
    }
  }
}

/// How much the ledger holds.
public struct LedgerCounts: Codable, Sendable, Equatable {
  public let videos: Int
  public let selections: Int
  public let requests: Int
  public let attempts: Int
  public let failedAttempts: Int
  /// Answers kept, those to earlier prompts included.
  public let descriptions: Int
  /// Videos that have a description now.
  public let describedVideos: Int
}
