import Datasets
import Records
import Video
import Workspaces

/// Cuts long videos into pieces by their headers' durations, each of which is read
/// once: the ledger keeps it for as long as the file is the same.
struct VideoCutter: Sendable {
  /// How long a piece should be; nil to cut nothing.
  let segmentSeconds: Int?
  private var known: [String: KnownHeader] = [:]
  /// What videos are kept as: their pieces, and nil for the whole.
  private var kept: [String: [VideoSegment?]] = [:]

  private struct KnownHeader {
    let path: String
    let fingerprint: String
    let seconds: Double
  }

  /// - Parameters:
  ///   - keepsCuts: whether, without a length, a video's items stay those that are current.
  ///   - videos: what the ledger knows.
  init(segmentSeconds: Int?, keepsCuts: Bool, known videos: some Sequence<LedgerVideo>) {
    self.segmentSeconds = segmentSeconds
    guard segmentSeconds != nil else {
      if keepsCuts { kept = Self.currentItems(in: videos) }
      return
    }
    for video in videos {
      guard let seconds = video.headerSeconds else { continue }
      known[video.sourceID] = KnownHeader(
        path: video.path, fingerprint: video.fingerprint, seconds: seconds)
    }
  }

  /// The items of a video: itself, or its pieces; and the duration that decided it.
  ///
  /// - Throws: `VideoError` where the header has to be read and cannot be.
  func items(of video: DatasetVideo, fingerprint: VideoFingerprint) throws -> (
    items: [DatasetVideo], headerSeconds: Double?
  ) {
    guard let segmentSeconds else {
      return (kept[video.id]?.map { $0.map(video.piece) ?? video } ?? [video], nil)
    }
    let seconds = try headerSeconds(of: video, fingerprint: fingerprint)
    let pieces = VideoSegment.pieces(
      of: video.id, durationSeconds: seconds, segmentSeconds: segmentSeconds)
    return (pieces.isEmpty ? [video] : pieces.map(video.piece), seconds)
  }

  private static func currentItems(in videos: some Sequence<LedgerVideo>)
    -> [String: [VideoSegment?]]
  {
    Dictionary(grouping: videos.filter(\.isCurrent), by: \.sourceID).mapValues { rows in
      rows.sorted { ($0.startSeconds ?? -1) < ($1.startSeconds ?? -1) }.map { row in
        guard let start = row.startSeconds, let end = row.endSeconds else { return nil }
        // Not the last of these: pieces after it may have been set aside.
        let fileEnd = row.headerSeconds.map { Int($0.rounded(.up)) }
        return VideoSegment(
          videoID: row.sourceID, startSeconds: start, endSeconds: end,
          isLast: end == fileEnd ?? rows.compactMap(\.endSeconds).max())
      }
    }
  }

  private func headerSeconds(of video: DatasetVideo, fingerprint: VideoFingerprint) throws
    -> Double
  {
    if let header = known[video.id], header.path == video.path,
      header.fingerprint == fingerprint.hash
    {
      return header.seconds
    }
    let claimed = try VideoReader(path: video.path).info.durationSeconds
    if claimed > 0 { return claimed }
    // A header that does not say: the packets do.
    return try FrameIndex(path: video.path).timestamps.last ?? 0
  }
}

/// When a video is long for a single description.
enum LongFootage {
  /// From this length on pieces are suggested.
  static let longestSeconds = 600.0

  /// What to say of a video that is described as a whole; nil where it is short enough.
  static func advice(for video: DatasetVideo, durationSeconds: Double) -> String? {
    guard video.segment == nil, durationSeconds > longestSeconds else { return nil }
    return "\(video.id): \(Int((durationSeconds / 60).rounded())) minutes in one description of a "
      + "few frames; --segment 300 describes long videos in pieces of 5 minutes"
  }
}
