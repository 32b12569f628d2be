import GRDB

extension Ledger {
  /// Stores a selection; one that is there already is renewed.
  public func record(_ selection: LedgerSelection) throws {
    try writing { try selection.upsert($0) }
  }

  /// A video's selection under a key.
  public func selection(videoID: String, key: String) throws -> LedgerSelection? {
    try reading { try LedgerSelection.fetchOne($0, key: ["videoID": videoID, "key": key]) }
  }

  /// All selections of a video, oldest first.
  public func selections(videoID: String) throws -> [LedgerSelection] {
    try reading {
      try LedgerSelection.filter(Column("videoID") == videoID)
        .order(Column("created"), Column("key")).fetchAll($0)
    }
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
}
