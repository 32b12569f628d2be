import GRDB

extension Ledger {
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
}
