/// A piece of a long video, treated as a video of its own: its clock starts at 0
/// where the piece begins.
public struct VideoSegment: Codable, Sendable, Equatable {
  /// The id of the video that it is a piece of.
  public let videoID: String
  /// Where it begins on the video's clock.
  public let startSeconds: Int
  /// Where the next piece begins; for the last one the video's end as its header
  /// tells it, rounded up.
  public let endSeconds: Int
  /// Whether it is the last piece, which holds every frame up to the file's end,
  /// whatever the header claims.
  public let isLast: Bool

  /// A piece of the values as they are.
  public init(videoID: String, startSeconds: Int, endSeconds: Int, isLast: Bool) {
    self.videoID = videoID
    self.startSeconds = startSeconds
    self.endSeconds = endSeconds
    self.isLast = isLast
  }

  /// The video's id with the span: `name@60-120`. No data set's id has an `@`.
  public var id: String { "\(videoID)@\(startSeconds)-\(endSeconds)" }

  /// The times on the video's clock that it holds.
  public var span: Range<Double> {
    Double(startSeconds)..<(isLast ? .infinity : Double(endSeconds))
  }

  /// Cuts a video into pieces of `segmentSeconds`. A last piece of less than half of
  /// that is joined to the one before it, so that pieces are of half to one and a half
  /// times the length.
  ///
  /// - Returns: at least two pieces, or none where the video is not long enough to be cut.
  public static func pieces(
    of videoID: String, durationSeconds: Double, segmentSeconds: Int
  ) -> [VideoSegment] {
    precondition(segmentSeconds > 0, "pieces of \(segmentSeconds) s")
    // A header may claim any length; half a second a piece is beyond all use.
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
  /// A piece of the video as an item of its own. What is anomalous in a video need not
  /// be in each of its pieces: there, only a normal label is known.
  public func piece(_ segment: VideoSegment) -> DatasetVideo {
    var piece = self
    piece.id = segment.id
    piece.segment = segment
    if isAnomalous == true { piece.isAnomalous = nil }
    return piece
  }
}
