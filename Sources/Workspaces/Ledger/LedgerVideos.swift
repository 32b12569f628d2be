import Datasets
import GRDB

/// A video of the data set as the ledger knows it, or a piece of one (`--segment`).
public struct LedgerVideo: Codable, Sendable, Equatable, Identifiable {
  /// Unique in the workspace and safe in a path.
  public var id: String
  /// The file, absolute.
  public var path: String
  /// The file's size in bytes.
  public var sizeBytes: Int64
  /// When the file last changed, seconds since 1970.
  public var modifiedSeconds: Double
  /// `VideoFingerprint.hash` of the file.
  public var fingerprint: String
  /// `train`, `test`, or none.
  public var split: String?
  /// The video-level labels; nil where they are unknown.
  public var classNames: [String]?
  /// Whether a label is an anomaly; nil where labels are unknown.
  public var isAnomalous: Bool?
  /// The duration, where it was measured; a piece's own.
  public var durationSeconds: Double?
  /// The id of the video that it is a piece of; nil for a whole video.
  public var segmentOf: String?
  /// Where the piece begins and ends on the video's clock, by `VideoSegment`.
  public var startSeconds: Int?
  public var endSeconds: Int?
  /// The whole file's duration as its header tells it, where that was asked.
  public var headerSeconds: Double?
  /// Hash of what is asked about it now, under which `Ledger.store` keeps the answer; nil
  /// where it was never asked about, or not since this is kept.
  public var intentKey: String?
  /// Whether it is an item of the way the video was cut last; set by the ledger.
  public internal(set) var isCurrent = true
  /// The request whose answer is the video's description now; set by the ledger.
  public internal(set) var descriptionKey: String?

  public init(
    id: String, path: String, fingerprint: VideoFingerprint, split: String? = nil,
    classNames: [String]? = nil, isAnomalous: Bool? = nil, durationSeconds: Double? = nil,
    segment: VideoSegment? = nil, headerSeconds: Double? = nil, intentKey: String? = nil
  ) {
    self.id = id
    self.path = path
    sizeBytes = fingerprint.sizeBytes
    modifiedSeconds = fingerprint.modifiedSeconds
    self.fingerprint = fingerprint.hash
    self.split = split
    self.classNames = classNames
    self.isAnomalous = isAnomalous
    self.durationSeconds = durationSeconds
    segmentOf = segment?.videoID
    startSeconds = segment?.startSeconds
    endSeconds = segment?.endSeconds
    self.headerSeconds = headerSeconds
    self.intentKey = intentKey
  }

  /// The id of the video in the data set: of a piece, the whole's.
  public var sourceID: String { segmentOf ?? id }

  /// What was measured of the file.
  public var measuredFingerprint: VideoFingerprint {
    VideoFingerprint(sizeBytes: sizeBytes, modifiedSeconds: modifiedSeconds, hash: fingerprint)
  }
}

extension LedgerVideo: FetchableRecord, PersistableRecord {
  public static let databaseTableName = "videos"
}

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

extension Ledger {
  /// The content hash of the video at `path`: `VideoFingerprint.hash`, the one hash by which
  /// every stage recognizes a video. See `fingerprint(of:)`.
  public func contentHash(of path: String) throws -> String {
    try fingerprint(of: path).hash
  }

  /// The fingerprint of the video at `path`: from its row where the file's size and
  /// modification time are still those of the row, else measured and stored in the row.
  ///
  /// All rows of the path (the whole video and its pieces) get the new measurement, by the
  /// same rule as in `register`: where the hash has changed, they lose their present
  /// description. The write is not waited for, because a lost one is measured again. A path
  /// without a row is measured once for this connection and not stored. Any number of
  /// threads may call this at once.
  ///
  /// - Parameter path: the file or the folder of images, as in `LedgerVideo.path`.
  /// - Throws: `WorkspaceError.unreadableVideo` with the path and the reason, and the errors
  ///   of the ledger.
  public func fingerprint(of path: String) throws -> VideoFingerprint {
    let known = try knownFingerprints.withLock { known -> VideoFingerprint? in
      let all = try known ?? storedFingerprints()
      known = all
      return all[path]
    }
    let measured = try VideoFingerprint.measure(path: path, known: known)
    guard measured != known else { return measured }
    try store(measured, of: path)
    knownFingerprints.withLock { $0?[path] = measured }
    return measured
  }

  /// The fingerprints of all rows by path; where a path has several, that of a current row.
  private func storedFingerprints() throws -> [String: VideoFingerprint] {
    try reading { database in
      let rows = try Row.fetchCursor(
        database,
        sql: """
          SELECT path, sizeBytes, modifiedSeconds, fingerprint FROM videos ORDER BY isCurrent
          """)
      var known: [String: VideoFingerprint] = [:]
      while let row = try rows.next() {
        known[row["path"]] = VideoFingerprint(
          sizeBytes: row["sizeBytes"], modifiedSeconds: row["modifiedSeconds"],
          hash: row["fingerprint"])
      }
      return known
    }
  }

  private func store(_ measured: VideoFingerprint, of path: String) throws {
    let isRegistered = try reading {
      try $0.hasRow("SELECT 1 FROM videos WHERE path = ?", [path])
    }
    guard isRegistered else { return }
    try writing(isFlushed: false) {
      try $0.change(
        """
        UPDATE videos SET
          descriptionKey = CASE WHEN fingerprint = ?1 THEN descriptionKey END,
          intentKey = CASE WHEN fingerprint = ?1 THEN intentKey END,
          headerSeconds = CASE WHEN fingerprint = ?1 THEN headerSeconds END,
          fingerprint = ?1, sizeBytes = ?2, modifiedSeconds = ?3
        WHERE path = ?4
        """, [measured.hash, measured.sizeBytes, measured.modifiedSeconds, path])
    }
  }
}
