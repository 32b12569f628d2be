/// A piece of a long video, which is treated as a separate video. Its clock starts at 0 at the
/// piece's start.
public struct VideoSegment: Codable, Sendable, Equatable {
  /// The id of the whole video.
  public let videoID: String
  /// The start on the video's clock.
  public let startSeconds: Int
  /// The start of the next piece; for the last piece, the video's duration by its header,
  /// rounded up.
  public let endSeconds: Int
  /// Whether it is the last piece, which contains every frame up to the file's end, even past
  /// the header's duration.
  public let isLast: Bool

  /// A piece with exactly these values.
  public init(videoID: String, startSeconds: Int, endSeconds: Int, isLast: Bool) {
    self.videoID = videoID
    self.startSeconds = startSeconds
    self.endSeconds = endSeconds
    self.isLast = isLast
  }

  /// The video's id with the span: `name@60-120`. Ids of data sets contain no `@`.
  public var id: String { "\(videoID)@\(startSeconds)-\(endSeconds)" }

  /// The times of the piece on the video's clock.
  public var span: Range<Double> {
    Double(startSeconds)..<(isLast ? .infinity : Double(endSeconds))
  }

  /// Cuts a video into pieces of `segmentSeconds`. A last piece of less than half that length
  /// is joined to the piece before it, so that all pieces have half to one and a half times
  /// the length.
  ///
  /// - Returns: at least two pieces; empty if the video is too short to be cut.
  public static func pieces(
    of videoID: String, durationSeconds: Double, segmentSeconds: Int
  ) -> [VideoSegment] {
    precondition(segmentSeconds > 0, "pieces of \(segmentSeconds) s")
    // A damaged header may contain any duration.
    guard durationSeconds.isFinite, durationSeconds < 1e9 else { return [] }
    let count = Int((durationSeconds / Double(segmentSeconds) + 0.5).rounded(.down))
    guard count >= 2 else { return [] }
    return (0..<count).map { place in
      let isLast = place == count - 1
      return VideoSegment(
        videoID: videoID, startSeconds: place * segmentSeconds,
        endSeconds: isLast ? Int(durationSeconds.rounded(.up)) : (place + 1) * segmentSeconds,
        isLast: isLast)
    }
  }
}

extension DatasetVideo {
  /// A piece of the video as a separate item. A piece of an anomalous video need not contain
  /// the anomaly, so its label is unknown; a piece of a normal video is normal.
  public func piece(_ segment: VideoSegment) -> DatasetVideo {
    var piece = self
    piece.id = segment.id
    piece.segment = segment
    if isAnomalous == true { piece.isAnomalous = nil }
    return piece
  }
}
