import GRDB

extension Ledger {
  /// Takes up videos: new ones are added, known ones get their path, labels and
  /// fingerprint renewed. A video whose file has changed loses its description.
  public func register(_ videos: [LedgerVideo]) throws {
    try writing { database in
      let known = try Dictionary(
        uniqueKeysWithValues: LedgerVideo.fetchAll(database).map { ($0.id, $0) })
      for video in videos {
        let old = known[video.id]
        var new = video
        new.descriptionKey = old?.fingerprint == video.fingerprint ? old?.descriptionKey : nil
        new.durationSeconds = video.durationSeconds ?? old?.durationSeconds
        guard new != old else { continue }
        try new.upsert(database)
      }
    }
  }

  /// One video, or nil where it is not registered.
  public func video(_ id: String) throws -> LedgerVideo? {
    try reading { try LedgerVideo.fetchOne($0, key: id) }
  }

  /// The videos of a split (all where `split` is nil), by id.
  public func videos(split: String? = nil) throws -> [LedgerVideo] {
    try reading { database in
      let all = LedgerVideo.order(Column("id"))
      guard let split else { return try all.fetchAll(database) }
      return try all.filter(Column("split") == split).fetchAll(database)
    }
  }
}
