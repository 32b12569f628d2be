import GRDB

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
