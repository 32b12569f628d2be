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
  /// Gives descriptions a finding, or takes it from them.
  public func setFinding(
    _ finding: AnswerFinding, _ isSet: Bool, of places: [LedgerDescription.Place]
  ) throws {
    guard !places.isEmpty else { return }
    try writing { database in
      for place in places {
        let key = ["videoID": place.videoID, "requestKey": place.requestKey]
        guard var description = try LedgerDescription.fetchOne(database, key: key) else { continue }
        let others = (description.findings ?? []).filter { $0 != finding }
        let findings = isSet ? others + [finding] : others
        description.findings = findings.isEmpty ? nil : findings
        try description.update(database)
      }
    }
  }
}
