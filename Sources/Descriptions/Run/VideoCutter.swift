import Datasets
import Records
import Video
import Workspaces

/// Cuts long videos into pieces by the durations in their headers. Each header is read once;
/// the ledger keeps its duration for as long as the file stays the same.
struct VideoCutter: Sendable {
  /// The wanted length of a piece; nil to cut nothing.
  let segmentSeconds: Int?
  private var known: [String: KnownHeader] = [:]
  /// The current items of each video: its pieces, and nil for the whole.
  private var current: [String: [VideoSegment?]] = [:]

  private struct KnownHeader {
    let path: String
    let fingerprint: String
    let seconds: Double
  }

  /// - Parameters:
  ///   - keepsCuts: whether a video keeps its current items if `segmentSeconds` is nil.
  ///   - videos: the videos in the ledger.
  init(segmentSeconds: Int?, keepsCuts: Bool, known videos: some Sequence<LedgerVideo>) {
    self.segmentSeconds = segmentSeconds
    guard segmentSeconds != nil else {
      if keepsCuts { current = Self.currentItems(in: videos) }
      return
    }
    for video in videos {
      guard let seconds = video.headerSeconds else { continue }
      known[video.sourceID] = KnownHeader(
        path: video.path, fingerprint: video.fingerprint, seconds: seconds)
    }
  }

  /// The items of a video, which are the video itself or its pieces, and the duration that
  /// decided it.
  ///
  /// - Throws: `VideoError` if the header must be read and cannot be.
  func items(of video: DatasetVideo, fingerprint: VideoFingerprint) throws -> (
    items: [DatasetVideo], headerSeconds: Double?
  ) {
    guard let segmentSeconds else {
      return (current[video.id]?.map { $0.map(video.piece) ?? video } ?? [video], nil)
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
        // The last of these rows is not always the video's last piece: later pieces may have
        // been set aside.
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
    return try VideoHeader(path: video.path).info.durationSeconds
  }

  /// Videos longer than this are long for a single description.
  static let longVideoSeconds = 600.0

  /// The advice to cut a video that is described as a whole; nil if it is short enough.
  static func advice(for video: DatasetVideo, durationSeconds: Double) -> String? {
    guard video.segment == nil, durationSeconds > longVideoSeconds else { return nil }
    return "\(video.id): \(Int((durationSeconds / 60).rounded())) minutes get one description of "
      + "a few frames; --segment 300 describes long videos in pieces of 5 minutes"
  }
}
