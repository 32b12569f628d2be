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

extension AttemptCause: DatabaseValueConvertible {}

extension LedgerAttempt: FetchableRecord, MutablePersistableRecord {
  public static let databaseTableName = "attempts"

  public mutating func didInsert(_ inserted: InsertionSuccess) {
    id = inserted.rowID
  }
}
