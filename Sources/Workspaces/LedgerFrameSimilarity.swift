import GRDB

/// How well a present description fits its own frames.
public struct LedgerFrameSimilarity: Sendable, Equatable {
  public let videoID: String
  public let requestKey: String
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
        videoID: description.videoID, requestKey: description.requestKey, encoder: encoder,
        similarity: similarity, findings: description.findings ?? [])
    }
  }

  /// Gives descriptions the finding `unlikeFrames` where they have it not, and takes it
  /// from those that have.
  public func toggleUnlikeFrames(_ similarities: [LedgerFrameSimilarity]) throws {
    try writing { database in
      for similarity in similarities {
        let key = ["videoID": similarity.videoID, "requestKey": similarity.requestKey]
        guard var description = try LedgerDescription.fetchOne(database, key: key) else { continue }
        let others = (description.findings ?? []).filter { $0 != .unlikeFrames }
        let findings = similarity.isUnlikeFrames ? others : others + [.unlikeFrames]
        description.findings = findings.isEmpty ? nil : findings
        try description.update(database)
      }
    }
  }
}
