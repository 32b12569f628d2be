import Foundation
import GRDB

/// A row of `attempts`: one attempt to choose a video's frames, or to ask a describer.
public struct LedgerAttempt: Codable, Sendable, Equatable {
  /// The state of an attempt. A row that stays `started` was in flight when its process
  /// ended.
  public enum Status: String, Codable, Sendable, DatabaseValueConvertible {
    case started, succeeded, failed, cancelled
  }

  /// The work that was attempted.
  public enum Stage: String, Codable, Sendable, DatabaseValueConvertible {
    case select, describe
  }

  /// The row's number; nil before it is stored.
  public internal(set) var id: Int64?
  /// The video.
  public var videoID: String
  /// The request; nil for an attempt to choose frames, before there is a request.
  public var requestKey: String?
  /// The work that was attempted.
  public var stage: Stage
  /// The number of the process that made the attempt.
  public var processID: Int
  /// The start time.
  public var started: Date
  /// The server's base URL; nil for a describer inside this process.
  public var endpoint: String?
  /// The state, or how the attempt ended.
  public var status: Status
  /// The time from the start to the end.
  public var latencySeconds: Double?
  /// The time from the start to the answer's first byte.
  public var firstByteSeconds: Double?
  /// The HTTP status, or the one that an error within an answer of status 200 names; nil
  /// without an answer.
  public var httpStatus: Int?
  /// The token counts that the server reported.
  public var promptTokens: Int?
  public var completionTokens: Int?
  /// Why the model stopped, as the server reported it.
  public var finishReason: String?
  /// Requested sampling fields that were not sent because the server refuses them;
  /// comma-separated.
  public var omittedFields: String?
  /// The error's text. For an attempt that succeeded, what was cut off its answer; nil if
  /// nothing was.
  public var error: String?
  /// The kind of error.
  public var cause: AttemptCause?
  /// The findings of the answer's checks.
  public var findings: [AnswerFinding]?
  /// The sampling fields of a question that was asked again with others, as JSON.
  public var variation: String?
  /// The predicted prompt tokens that the server should count; nil without a prediction.
  public var expectedPromptTokens: Int?
  /// The key of the intended question, as in `Ledger.store`. Nil if it was not known, and
  /// for attempts of builds that did not record it.
  public var intentKey: String?
  /// Whether this attempt ended the item without an answer. False if the item was asked
  /// again or left to a later run. Nil for attempts of builds that did not record it.
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

/// Why an attempt failed. A run counts its failures by cause.
public enum AttemptCause: String, Codable, Sendable, CaseIterable {
  /// The file could not be read, or its frames could not be chosen.
  case selection
  /// The connection was not made, or it broke.
  case network
  /// The server sent nothing for too long.
  case timeout
  /// HTTP 429, 502, 503.
  case busy
  /// Any other 5xx, 408, 409, 425.
  case serverError
  /// Status 200 with a body that is not an answer.
  case malformed
  /// The server was lost during the request, which is not counted against the request.
  case serverLost
  /// Two servers were lost during the request, which is not sent again.
  case quarantined
  /// HTTP 400: more images than the server accepts.
  case imageLimit
  /// HTTP 400: more tokens than the model reads.
  case contextLength
  /// The served model takes no pictures.
  case noVision
  /// A picture with more or fewer pixels than the server accepts.
  case pictureSize
  /// HTTP 400: a picture that the server cannot read.
  case badMedia
  /// HTTP 413, or a proxy that refuses large bodies in other words.
  case tooLarge
  /// The server does not know a sampling field; the question is asked again without it.
  case dialect
  /// Any other refusal.
  case refusedRequest
  /// The answer has a finding for which it is dropped or asked again.
  case badAnswer
  /// The request contains the video's file name or class, and was not sent.
  case labelLeak
  case interrupted
  case other
}

extension AttemptCause: DatabaseValueConvertible {}

extension Ledger {
  /// Stores an attempt, usually at its start. The start of an attempt is not flushed.
  ///
  /// - Returns: the attempt with the number of its row.
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

  /// Stores an attempt that failed at once and ended its item.
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

  /// The number of servers that were lost during a request.
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
