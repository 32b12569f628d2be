import GRDB

extension Ledger {
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

  /// The present descriptions' selections: what was shown, by video.
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

/// The frames behind a video's present description.
public struct DescribedFrames: Sendable {
  public let videoID: String
  /// The record's file of the selection that they come from, relative to the workspace; nil where none was kept, or where
  /// the frames were chosen for another video with the same content.
  public let recordPath: String?
  /// `LedgerRequest.frames`.
  public let frames: String
}
