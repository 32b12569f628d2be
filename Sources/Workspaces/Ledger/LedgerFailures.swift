import Foundation
import GRDB

/// A video without an answer to its current question, and the reason.
public struct LedgerFailure: Codable, Sendable, Equatable {
  public var videoID: String
  /// For a piece, the id of the whole video; nil for a whole video.
  public var segmentOf: String?
  /// The file's path.
  public var path: String
  public var split: String?
  /// The work that failed last: choosing frames, or asking.
  public var stage: LedgerAttempt.Stage
  /// The number of failed attempts so far.
  public var tries: Int
  /// The server of the last attempt; nil for the describer inside the process.
  public var endpoint: String?
  /// The HTTP status; nil without an answer.
  public var httpStatus: Int?
  /// The kind of error; nil for attempts of builds that did not record it.
  public var cause: AttemptCause?
  /// The last error's text.
  public var error: String
  /// When the last attempt began.
  public var lastTried: Date
}

extension Ledger {
  /// SQL: whether a row of `videos` has no answer to its current question. A row without a
  /// recorded question (of an earlier build) has none if it has no description.
  static let lacksAnswer = """
    CASE WHEN videos.intentKey IS NULL THEN videos.descriptionKey IS NULL
    ELSE NOT EXISTS (SELECT 1 FROM intents
      WHERE intents.videoID = videos.id AND intents.key = videos.intentKey) END
    """

  /// The videos without an answer to their current question whose last attempt to end the
  /// item failed, in the order of their ids. They may have a description for an earlier
  /// question.
  ///
  /// Attempts that did not end their item do not count: those that lost their server, were
  /// asked again in other words, or were stopped.
  ///
  /// - Parameters:
  ///   - split: only this split; all if nil.
  ///   - limit: the greatest number of videos; all if nil.
  public func failures(split: String? = nil, limit: Int? = nil) throws -> [LedgerFailure] {
    try reading { try Self.failures(split: split, limit: limit, in: $0) }
  }

  static func failures(split: String?, limit: Int?, in database: Database) throws
    -> [LedgerFailure]
  {
    try Row.fetchAll(
      database,
      sql: """
        SELECT videos.id, videos.segmentOf, videos.path, videos.split, attempts.stage, attempts.endpoint,
          attempts.httpStatus, attempts.cause, attempts.error, attempts.started,
          (SELECT count(*) FROM attempts AS other
            WHERE other.videoID = videos.id AND other.status = 'failed'
              AND (other.intentKey IS NULL OR other.intentKey = videos.intentKey)) AS tries
        FROM videos
        JOIN attempts ON attempts.id =
          (SELECT max(id) FROM attempts AS other
            WHERE other.videoID = videos.id
              AND (other.intentKey IS NULL OR other.intentKey = videos.intentKey)
              AND (other.status = 'succeeded'
                OR (other.status = 'failed' AND other.endedItem IS NOT FALSE)))
        WHERE videos.isCurrent AND (\(lacksAnswer)) AND attempts.status = 'failed'
          AND (?1 IS NULL OR videos.split = ?1)
        ORDER BY coalesce(videos.segmentOf, videos.id), videos.startSeconds, videos.id
        LIMIT ?2
        """, arguments: [split, limit ?? -1]
    ).map { row in
      LedgerFailure(
        videoID: row["id"], segmentOf: row["segmentOf"], path: row["path"], split: row["split"],
        stage: row["stage"],
        tries: row["tries"], endpoint: row["endpoint"], httpStatus: row["httpStatus"],
        cause: row["cause"], error: row["error"] ?? "no cause was recorded",
        lastTried: row["started"])
    }
  }
}
