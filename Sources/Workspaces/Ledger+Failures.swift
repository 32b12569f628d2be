import Foundation
import GRDB

extension Ledger {
  /// The videos that have no description and whose last try failed, by id.
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
            WHERE other.videoID = videos.id AND other.status = 'failed') AS tries
        FROM videos
        JOIN attempts ON attempts.id =
          (SELECT max(id) FROM attempts AS other WHERE other.videoID = videos.id)
        WHERE videos.isCurrent AND videos.descriptionKey IS NULL AND attempts.status = 'failed'
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
