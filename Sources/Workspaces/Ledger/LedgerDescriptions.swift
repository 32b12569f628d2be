import Foundation
import GRDB

/// A row of `descriptions`: an accepted answer, a video's description for one request.
public struct LedgerDescription: Codable, Sendable, Equatable {
  /// Whether the model ended the answer by itself.
  public enum Status: String, Codable, Sendable, DatabaseValueConvertible {
    case complete
    /// The answer was cut at the token limit, and the part before the cut was kept.
    case truncated
  }

  /// The video.
  public var videoID: String
  /// The request that it answers.
  public var requestKey: String
  /// The text.
  public var text: String
  /// Whether it is complete.
  public var status: Status
  /// The describer's identity as JSON.
  public var describer: String
  /// The attempt that produced it; nil for an answer shared with another video.
  public var attemptID: Int64?
  /// When it was stored.
  public var created: Date
  /// The findings of the answer's checks; nil without a finding.
  public var findings: [AnswerFinding]?
  /// The answer as JSON if the question had a schema, or the sentences of an import with their
  /// times; `text` is made from it.
  public var structured: String?
  /// The mean cosine between the text and the shown frames; nil if no model compared them.
  public var frameSimilarity: Double?
  /// The model that compared the text and the frames.
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
  /// The key of one description.
  public struct Place: Sendable, Equatable {
    public let videoID: String
    public let requestKey: String
  }

  public var place: Place { Place(videoID: videoID, requestKey: requestKey) }
}

extension Ledger {
  /// Stores an accepted answer and the end of the attempt that produced it, makes the answer
  /// the video's present description, and ends the item's lease, all in one transaction. If
  /// the request has an answer for this video already, the first answer stays.
  ///
  /// - Parameters:
  ///   - intentKey: hash of the inputs that decided the request before any frame was
  ///     decoded. A rerun finds the answer by it.
  ///   - isFlushed: false for a caller that calls `flush` before it reports the answer as
  ///     stored.
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

  /// The videos that have an answer to their intent: request keys by video id.
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

  /// The first answer to a request, for any video.
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

  /// The present descriptions of a split's videos (all if nil), in the order of their ids.
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

  static func makePresent(_ key: String, of video: String, in database: Database) throws {
    try database.change("UPDATE videos SET descriptionKey = ? WHERE id = ?", [key, video])
  }

  /// The key of an answer.
  struct AnswerKey: Hashable {
    let videoID: String
    let requestKey: String
  }

  /// The keys of all answers, including those to earlier questions.
  func answerKeys() throws -> [AnswerKey] {
    try reading {
      try Row.fetchAll($0, sql: "SELECT videoID, requestKey FROM descriptions").map {
        AnswerKey(videoID: $0["videoID"], requestKey: $0["requestKey"])
      }
    }
  }
}
