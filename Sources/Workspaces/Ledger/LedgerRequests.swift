import Foundation
import GRDB

/// A row of `selections`: a choice of frames for a video.
public struct LedgerSelection: Codable, Sendable, Equatable {
  /// The video.
  public var videoID: String
  /// Hash of all inputs of the choice: strategy, scorer, queries, parameters and the
  /// video's fingerprint.
  public var key: String
  /// `kess`, `uniform` or `topk`.
  public var strategy: String
  /// The scorer and its model.
  public var scorer: String
  /// The selection record's file, relative to the workspace; nil if none was kept.
  public var recordPath: String?
  /// When it was stored.
  public var created: Date

  public init(
    videoID: String, key: String, strategy: String, scorer: String, recordPath: String? = nil,
    created: Date = Date()
  ) {
    self.videoID = videoID
    self.key = key
    self.strategy = strategy
    self.scorer = scorer
    self.recordPath = recordPath
    self.created = created
  }
}

extension LedgerSelection: FetchableRecord, PersistableRecord {
  public static let databaseTableName = "selections"
}

/// A row of `requests`: a question to a describer, keyed by its content.
public struct LedgerRequest: Codable, Sendable, Equatable {
  /// Hash of the frames' bytes, their timestamps, layout, prompt, model and sampling.
  /// Equal keys mean the same question.
  public var key: String
  /// The first video with this question; other videos with the same content share the
  /// answer.
  public var videoID: String
  /// The selection that the frames come from.
  public var selectionKey: String?
  /// The describer's kind: `openai`, `builtin` or `imported`.
  public var describerKind: String
  /// The model's name.
  public var model: String
  /// The prompt template's name, version and hash.
  public var promptName: String
  public var promptVersion: String
  public var promptHash: String
  /// How frames and text are combined: `stills`.
  public var layout: String
  /// The requested sampling fields, as JSON.
  public var sampling: String
  /// One entry per frame (index, timestamp, sent size, hash of its pixels), as JSON.
  public var frames: String
  /// The predicted number of prompt tokens of the frames; nil without a prediction.
  public var predictedImageTokens: Int?
  /// When the question was first asked.
  public var created: Date

  public init(
    key: String, videoID: String, selectionKey: String?, describerKind: String, model: String,
    promptName: String, promptVersion: String, promptHash: String, layout: String,
    sampling: String, frames: String, predictedImageTokens: Int?, created: Date = Date()
  ) {
    self.key = key
    self.videoID = videoID
    self.selectionKey = selectionKey
    self.describerKind = describerKind
    self.model = model
    self.promptName = promptName
    self.promptVersion = promptVersion
    self.promptHash = promptHash
    self.layout = layout
    self.sampling = sampling
    self.frames = frames
    self.predictedImageTokens = predictedImageTokens
    self.created = created
  }
}

extension LedgerRequest: FetchableRecord, PersistableRecord {
  public static let databaseTableName = "requests"
}

/// The frames behind a video's present description.
public struct DescribedFrames: Sendable {
  public let videoID: String
  /// The selection record's file, relative to the workspace; nil if none was kept, or if
  /// the frames were chosen for another video with the same content.
  public let recordPath: String?
  /// `LedgerRequest.frames`.
  public let frames: String
}

extension Ledger {
  /// Stores a request without a selection, for tests. A known request stays as it is.
  package func record(_ request: LedgerRequest) throws {
    try writing { try Self.insertOnce(request, in: $0) }
  }

  /// Stores a question before it is asked (selection, duration, request) in one
  /// transaction.
  ///
  /// - Returns: the earlier answer to the same request, for any video; nil if there is none.
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

  // Not "INSERT OR IGNORE", which would also ignore a row that violates a constraint.
  static func insertOnce(_ request: LedgerRequest, in database: Database) throws {
    let isKnown = try database.hasRow("SELECT 1 FROM requests WHERE key = ?", [request.key])
    if !isKnown { try request.insert(database) }
  }

  /// The request of a key; nil if there is none.
  public func request(_ key: String) throws -> LedgerRequest? {
    try reading { try LedgerRequest.fetchOne($0, key: key) }
  }

  /// The selection behind a video's present description.
  public func describedSelection(videoID: String) throws -> LedgerSelection? {
    try reading {
      try LedgerSelection.fetchOne(
        $0,
        sql: """
          SELECT selections.* FROM videos
          JOIN requests ON requests.key = videos.descriptionKey
          JOIN selections ON selections.key = requests.selectionKey
            AND selections.videoID = videos.id
          WHERE videos.id = ?
          """, arguments: [videoID])
    }
  }

  /// The frames behind each present description, in the order of the videos' ids.
  public func describedFrames() throws -> [DescribedFrames] {
    try reading {
      try Row.fetchAll(
        $0,
        sql: """
          SELECT videos.id, requests.frames, selections.recordPath
          FROM videos
          JOIN requests ON requests.key = videos.descriptionKey
          LEFT JOIN selections ON selections.videoID = videos.id
            AND selections.key = requests.selectionKey
          ORDER BY videos.id
          """
      ).map {
        DescribedFrames(
          videoID: $0["id"], recordPath: $0["recordPath"],
          frames: $0["frames"])
      }
    }
  }
}
