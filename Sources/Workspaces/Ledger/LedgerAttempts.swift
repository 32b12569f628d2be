import Foundation
import GRDB

/// One try at a video: choosing its frames, or asking a describer once.
public struct LedgerAttempt: Codable, Sendable, Equatable {
  /// Where the try stands. A row that stays `started` was in flight when its
  /// process ended.
  public enum Status: String, Codable, Sendable, DatabaseValueConvertible {
    case started, succeeded, failed, cancelled
  }

  /// What was tried.
  public enum Stage: String, Codable, Sendable, DatabaseValueConvertible {
    case select, describe
  }

  /// The row's number; nil before it is stored.
  public internal(set) var id: Int64?
  /// The video.
  public var videoID: String
  /// The request; nil where choosing frames failed, so that there was none.
  public var requestKey: String?
  /// What was tried.
  public var stage: Stage
  /// The process that tried.
  public var processID: Int
  /// When it began.
  public var started: Date
  /// The server's base URL; nil for what runs in this process.
  public var endpoint: String?
  /// How it ended.
  public var status: Status
  /// From the start to the end.
  public var latencySeconds: Double?
  /// From the start to the answer's first byte.
  public var firstByteSeconds: Double?
  /// The HTTP status, where there was an answer.
  public var httpStatus: Int?
  /// What the server counted.
  public var promptTokens: Int?
  public var completionTokens: Int?
  /// Why the model stopped.
  public var finishReason: String?
  /// The sampling fields that were asked for but not sent, because the server
  /// refuses them; comma-separated.
  public var omittedFields: String?
  /// What went wrong.
  public var error: String?
  /// What kind of thing went wrong.
  public var cause: AttemptCause?
  /// What the answer's checks found.
  public var findings: [AnswerFinding]?
  /// The sampling fields of a question that was asked again otherwise, as JSON.
  public var variation: String?
  /// How many prompt tokens the server should count; nil where nothing predicts it.
  public var expectedPromptTokens: Int?
  /// What was to be asked about the video, as in `Ledger.store`; nil where that was not
  /// known, and for tries of before this was kept.
  public var intentKey: String?
  /// Whether the item came to its end with this try, without an answer: false for what
  /// was asked again, or left to a later run. Nil for tries of before this was kept.
  public internal(set) var endedItem: Bool? = false

  /// An attempt that starts now.
  public init(
    videoID: String, requestKey: String?, stage: Stage, intentKey: String? = nil,
    endpoint: String? = nil, omittedFields: String? = nil, started: Date = Date()
  ) {
    self.videoID = videoID
    self.requestKey = requestKey
    self.stage = stage
    self.intentKey = intentKey
    self.endpoint = endpoint
    self.omittedFields = omittedFields
    self.started = started
    processID = Int(ProcessInfo.processInfo.processIdentifier)
    status = .started
  }
}

extension LedgerAttempt: FetchableRecord, MutablePersistableRecord {
  public static let databaseTableName = "attempts"

  public mutating func didInsert(_ inserted: InsertionSuccess) {
    id = inserted.rowID
  }
}

/// Why an attempt came to nothing: what the failures of a run are counted by.
public enum AttemptCause: String, Codable, Sendable, CaseIterable {
  /// The file, or the choice of its frames.
  case selection
  /// No connection, or it broke.
  case network
  /// Nothing came for too long.
  case timeout
  /// HTTP 429, 502, 503.
  case busy
  /// Any other 5xx, 408, 409, 425.
  case serverError
  /// A body of status 200 that is no answer.
  case malformed
  /// The server was lost under the request: not charged to it.
  case serverLost
  /// Two servers were lost under the request: it is not sent again.
  case quarantined
  /// HTTP 400 for more images than the server takes.
  case imageLimit
  /// HTTP 400 for more tokens than the model reads.
  case contextLength
  /// HTTP 400 for a picture that the server cannot read.
  case badMedia
  /// HTTP 413.
  case tooLarge
  /// Sampling fields that the server does not know; asked again without them.
  case dialect
  /// Any other refusal.
  case refusedRequest
  /// An answer with a finding that nothing is kept of, or that is asked again.
  case badAnswer
  /// The request names the video's file or class; it was not sent.
  case labelLeak
  case interrupted
  case other
}

extension AttemptCause: DatabaseValueConvertible {}

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
}
