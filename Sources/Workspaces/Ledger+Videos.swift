import GRDB

extension Ledger {
  /// Takes up videos: new ones are added, known ones get their path, labels and
  /// fingerprint renewed. A video whose file has changed loses its description. What was
  /// asked about a video stays where nothing else is given.
  ///
  /// Of each video all items must come together, the whole or its pieces: those of
  /// another way to cut it are set aside. What they were asked stays, and counts again
  /// when the video is cut that way again; a description of the whole stays present.
  public func register(_ videos: [LedgerVideo]) throws {
    try writing { database in
      let known = try Dictionary(
        uniqueKeysWithValues: LedgerVideo.fetchAll(database).map { ($0.id, $0) })
      try Self.setAsideOthers(than: videos, among: known.values, in: database)
      for video in videos {
        let old = known[video.id]
        var new = video
        let isSameFile = old?.fingerprint == video.fingerprint
        new.descriptionKey = isSameFile ? old?.descriptionKey : nil
        new.intentKey = video.intentKey ?? (isSameFile ? old?.intentKey : nil)
        new.durationSeconds = video.durationSeconds ?? old?.durationSeconds
        // A header that was read stays known while the file is the same.
        new.headerSeconds = video.headerSeconds ?? (isSameFile ? old?.headerSeconds : nil)
        guard new != old else { continue }
        try new.upsert(database)
      }
    }
  }

  private static func setAsideOthers(
    than videos: [LedgerVideo], among known: some Sequence<LedgerVideo>, in database: Database
  ) throws {
    let items = Dictionary(grouping: videos, by: \.sourceID)
    for row in known {
      guard let current = items[row.sourceID], !current.contains(where: { $0.id == row.id })
      else { continue }
      let isOtherCut = row.segmentOf != nil && current.contains { $0.segmentOf != nil }
      guard isOtherCut || row.descriptionKey == nil else { continue }
      guard row.isCurrent || row.descriptionKey != nil else { continue }
      try database.execute(
        sql: "UPDATE videos SET isCurrent = FALSE, descriptionKey = NULL WHERE id = ?",
        arguments: [row.id])
    }
  }

  /// One video, or nil where it is not registered.
  public func video(_ id: String) throws -> LedgerVideo? {
    try reading { try LedgerVideo.fetchOne($0, key: id) }
  }

  /// The videos of a split (all where `split` is nil), by id; pieces too, and what was
  /// set aside.
  public func videos(split: String? = nil) throws -> [LedgerVideo] {
    try reading { database in
      let all = LedgerVideo.order(Column("id"))
      guard let split else { return try all.fetchAll(database) }
      return try all.filter(Column("split") == split).fetchAll(database)
    }
  }
}
