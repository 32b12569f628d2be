import Foundation
import GRDB

/// An answer that was accepted: a video's description under one request.
public struct LedgerDescription: Codable, Sendable, Equatable {
  /// Whether the model came to an end by itself.
  public enum Status: String, Codable, Sendable, DatabaseValueConvertible {
    case complete
    /// It was cut at the token limit; what there is was kept.
    case truncated
  }

  /// The video.
  public var videoID: String
  /// The request it answers.
  public var requestKey: String
  /// The text.
  public var text: String
  /// Whether it is whole.
  public var status: Status
  /// The describer's identity as JSON.
  public var describer: String
  /// The attempt that brought it; nil where another video's answer was shared.
  public var attemptID: Int64?
  /// When it was stored.
  public var created: Date
  /// What the answer's checks found; nil where nothing was.
  public var findings: [AnswerFinding]?
  /// The answer as JSON, where it was asked for in a schema; `text` is made of it.
  public var structured: String?
  /// The mean cosine of the text and the frames that were shown, and the model that
  /// compared them; nil where none was at hand.
  public var frameSimilarity: Double?
  public var similarityEncoder: String?

  public init(
    videoID: String, requestKey: String, text: String, status: Status,
    describer: String, attemptID: Int64? = nil, created: Date = Date(),
    findings: [AnswerFinding]? = nil, structured: String? = nil,
    frameSimilarity: Double? = nil, similarityEncoder: String? = nil
  ) {
    self.videoID = videoID
    self.requestKey = requestKey
    self.text = text
    self.status = status
    self.describer = describer
    self.attemptID = attemptID
    self.created = created
    self.findings = findings
    self.structured = structured
    self.frameSimilarity = frameSimilarity
    self.similarityEncoder = similarityEncoder
  }
}

extension LedgerDescription: FetchableRecord, PersistableRecord {
  public static let databaseTableName = "descriptions"
}

extension LedgerDescription {
  /// What names one description among all.
  public struct Place: Sendable, Equatable {
    public let videoID: String
    public let requestKey: String
  }

  public var place: Place { Place(videoID: videoID, requestKey: requestKey) }
}

extension Ledger {
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

  static func answer(toRequest key: String, in database: Database) throws
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

  /// What names an answer.
  struct AnswerKey: Hashable {
    let videoID: String
    let requestKey: String
  }

  /// Every answer there is, those to earlier questions included.
  func answerKeys() throws -> [AnswerKey] {
    try reading {
      try Row.fetchAll($0, sql: "SELECT videoID, requestKey FROM descriptions").map {
        AnswerKey(videoID: $0["videoID"], requestKey: $0["requestKey"])
      }
    }
  }
}
