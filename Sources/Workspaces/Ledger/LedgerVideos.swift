import Datasets
import GRDB

// Rows contain fingerprints.
@_exported import struct Records.VideoFingerprint

/// A row of `videos`: a video of the data set, or a piece of one (`--segment`).
public struct LedgerVideo: Codable, Sendable, Equatable, Identifiable {
  /// Unique in the workspace and safe in a path.
  public var id: String
  /// The absolute path of the file.
  public var path: String
  /// The file's size in bytes.
  public var sizeBytes: Int64
  /// The file's modification time, seconds since 1970.
  public var modifiedSeconds: Double
  /// `VideoFingerprint.hash` of the file.
  public var fingerprint: String
  /// `train` or `test`; nil for a data set without splits.
  public var split: String?
  /// The video-level labels; nil if they are unknown.
  public var classNames: [String]?
  /// Whether one of the labels is an anomaly; nil if the labels are unknown.
  public var isAnomalous: Bool?
  /// The measured duration (for a piece, of the piece); nil if it was not measured.
  public var durationSeconds: Double?
  /// For a piece, the id of the whole video; nil for a whole video.
  public var segmentOf: String?
  /// For a piece, its start and end on the video's clock, as in `VideoSegment`.
  public var startSeconds: Int?
  public var endSeconds: Int?
  /// The whole file's duration by its header; nil if the header was not read.
  public var headerSeconds: Double?
  /// Hash of the current question about the video, under which `Ledger.store` keeps the
  /// answer. Nil if there was no question yet, or only in builds that did not record it.
  public var intentKey: String?
  /// Whether the row belongs to the latest way to cut the video; set by the ledger.
  public internal(set) var isCurrent = true
  /// The request whose answer is the video's present description; set by the ledger.
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

  /// The id of the video in the data set; for a piece, that of the whole video.
  public var sourceID: String { segmentOf ?? id }

  /// The file's fingerprint as one value.
  public var measuredFingerprint: VideoFingerprint {
    VideoFingerprint(sizeBytes: sizeBytes, modifiedSeconds: modifiedSeconds, hash: fingerprint)
  }
}

extension LedgerVideo: FetchableRecord, PersistableRecord {
  public static let databaseTableName = "videos"
}

extension Ledger {
  /// Adds new videos, and updates the path, labels and fingerprint of known ones. A video
  /// whose file has changed loses its present description. A known question stays if no
  /// other is given.
  ///
  /// All items of a video (the whole or its pieces) must come in one call. Items of another
  /// way to cut the video are set aside. Their answers stay in the ledger, and count again
  /// when the video is cut that way again. A description of the whole video stays present.
  public func register(_ videos: [LedgerVideo]) throws {
    try writing { database in
      let known = try Dictionary(
        uniqueKeysWithValues: LedgerVideo.fetchAll(database).map { ($0.id, $0) })
      try Self.setAsideOthers(than: videos, among: known.values, in: database)
      for video in videos {
        let old = known[video.id]
        let new = Self.merged(video, with: old)
        guard new != old else { continue }
        try new.upsert(database)
      }
    }
  }

  /// A video's new row: what is known of the same file stays.
  static func merged(_ video: LedgerVideo, with old: LedgerVideo?) -> LedgerVideo {
    var new = video
    let isSameFile = old?.fingerprint == video.fingerprint
    new.descriptionKey = isSameFile ? old?.descriptionKey : nil
    new.intentKey = video.intentKey ?? (isSameFile ? old?.intentKey : nil)
    new.durationSeconds = video.durationSeconds ?? old?.durationSeconds
    // A header's duration stays valid while the file is the same.
    new.headerSeconds = video.headerSeconds ?? (isSameFile ? old?.headerSeconds : nil)
    return new
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

  /// The video of an id; nil if it is not registered.
  public func video(_ id: String) throws -> LedgerVideo? {
    try reading { try LedgerVideo.fetchOne($0, key: id) }
  }

  /// The videos of a split (all if `split` is nil) in the order of their ids, including
  /// pieces and rows that were set aside.
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
  /// - Throws: `RecordError.unreadableVideo` with the path and the reason, and the errors
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
