import Foundation
import GRDB

/// A video that has no answer to what is asked about it now, and why.
public struct LedgerFailure: Codable, Sendable, Equatable {
  public var videoID: String
  /// The video that it is a piece of; nil for a whole video.
  public var segmentOf: String?
  /// The file.
  public var path: String
  public var split: String?
  /// What failed last: choosing frames, or asking.
  public var stage: LedgerAttempt.Stage
  /// How many tries at it failed so far.
  public var tries: Int
  /// Who was asked last; nil for what runs in the process.
  public var endpoint: String?
  /// The HTTP status, where there was an answer.
  public var httpStatus: Int?
  /// Why, as failures are counted; nil for tries of before causes were recorded.
  public var cause: AttemptCause?
  /// What went wrong last, in words.
  public var error: String
  /// When the last try began.
  public var lastTried: Date
}

extension Ledger {
  /// SQL: whether a row of `videos` lacks the answer to what is asked about it now. What
  /// was not asked about since that is kept lacks a description.
  static let lacksAnswer = """
    CASE WHEN videos.intentKey IS NULL THEN videos.descriptionKey IS NULL
    ELSE NOT EXISTS (SELECT 1 FROM intents
      WHERE intents.videoID = videos.id AND intents.key = videos.intentKey) END
    """

  /// The videos that have no answer to what is asked about them now, and whose last try
  /// to come to an end failed, by id. A description of an earlier question may be there.
  ///
  /// Tries that ended nothing are passed over: those under which a server was lost, that
  /// were asked again in other words, or were stopped.
  ///
  /// - Parameters:
  ///   - split: only this split; all where nil.
  ///   - limit: at most so many.
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
