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
