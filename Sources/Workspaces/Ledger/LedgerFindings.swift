import GRDB

/// What is wrong, or odd, with an answer: kept with the attempt that brought it, and
/// with the description where it is kept all the same.
public enum AnswerFinding: String, Codable, Sendable, CaseIterable {
  /// No words.
  case empty
  /// The model declined, or a filter held the answer back.
  case refused
  /// The same words over and over.
  case repeating
  /// Not the JSON that was asked for.
  case notSchema
  /// Cut at the token limit.
  case truncated
  /// Letters of another script than the one expected.
  case wrongScript
  /// The server counted other prompt tokens than were sent: images were lost, shrunk
  /// or enlarged.
  case imageTokens
  /// Words that can only come from the file's name.
  case namesFile
  /// Nearly the words of another video's description.
  case nearDuplicate
  /// It fits its own frames far worse than other descriptions fit theirs.
  case unlikeFrames

  /// Whether nothing of such an answer is kept.
  public var isFatal: Bool {
    switch self {
    case .empty, .refused, .repeating, .notSchema: true
    case .truncated, .wrongScript, .imageTokens, .namesFile, .nearDuplicate, .unlikeFrames: false
    }
  }
}

/// How well a present description fits its own frames.
public struct LedgerFrameSimilarity: Sendable, Equatable {
  public let place: LedgerDescription.Place
  /// The model that compared them.
  public let encoder: String
  /// The mean cosine of its frames and the text.
  public let similarity: Double
  /// What is known of the description.
  public let findings: [AnswerFinding]

  /// Whether it counts as far below the rest.
  public var isUnlikeFrames: Bool { findings.contains(.unlikeFrames) }
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

  /// The present descriptions that were compared with their frames.
  public func frameSimilarities() throws -> [LedgerFrameSimilarity] {
    try reading {
      try LedgerDescription.fetchAll(
        $0,
        sql: """
          SELECT descriptions.* FROM videos
          JOIN descriptions ON descriptions.videoID = videos.id
            AND descriptions.requestKey = videos.descriptionKey
          WHERE descriptions.frameSimilarity IS NOT NULL ORDER BY videos.id
          """)
    }.compactMap { description in
      guard let similarity = description.frameSimilarity,
        let encoder = description.similarityEncoder
      else { return nil }
      return LedgerFrameSimilarity(
        place: description.place, encoder: encoder, similarity: similarity,
        findings: description.findings ?? [])
    }
  }
}
