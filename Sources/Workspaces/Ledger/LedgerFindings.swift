import GRDB

/// A defect or an oddity of an answer. It is kept with the attempt, and with the description
/// if the answer is kept.
public enum AnswerFinding: String, Codable, Sendable, CaseIterable {
  /// The answer has no words.
  case empty
  /// The model's thoughts are all that came: they did not end, or nothing followed them.
  case onlyThoughts
  /// The answer has signs or single words, but no sentence.
  case noWords
  /// The model declined, or a filter withheld the answer.
  case refused
  /// The answer repeats the same words.
  case repeating
  /// The answer is not the requested JSON.
  case notSchema
  /// The answer was cut at the token limit.
  case truncated
  /// The answer has letters of another script than the expected one.
  case wrongScript
  /// The server counted another number of prompt tokens than was sent: images were lost,
  /// shrunk or enlarged.
  case imageTokens
  /// Thoughts before the answer were cut off.
  case thoughts
  /// Special tokens or role names around the answer were cut off.
  case chatTokens
  /// The answer has words that can only come from the file's name.
  case namesFile
  /// The answer is nearly equal to another video's description.
  case nearDuplicate
  /// The description matches its own frames far worse than other descriptions match theirs.
  case unlikeFrames

  /// Whether an answer with this finding is dropped.
  public var isFatal: Bool {
    switch self {
    case .empty, .onlyThoughts, .noWords, .refused, .repeating, .notSchema: true
    case .truncated, .wrongScript, .imageTokens, .thoughts, .chatTokens, .namesFile,
      .nearDuplicate, .unlikeFrames:
      false
    }
  }
}

/// How well a present description matches its own frames.
public struct LedgerFrameSimilarity: Sendable, Equatable {
  public let place: LedgerDescription.Place
  /// The model that compared the frames and the text.
  public let encoder: String
  /// The mean cosine of its frames and the text.
  public let similarity: Double
  /// The findings of the description.
  public let findings: [AnswerFinding]

  /// Whether the description is marked as far below the others.
  public var isUnlikeFrames: Bool { findings.contains(.unlikeFrames) }
}

extension Ledger {
  /// Adds a finding to descriptions, or removes it.
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

  /// The similarities of all present descriptions that were compared with their frames.
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
