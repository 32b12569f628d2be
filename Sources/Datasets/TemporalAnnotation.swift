/// When the anomalies of one video happen.
public struct TemporalAnnotation: Codable, Sendable, Equatable {
  /// The video's id in its data set.
  public var videoID: String
  /// The class as the annotation file writes it, where it does.
  public var className: String
  /// Frames from 0, half-open; empty for a normal video. UCF-Crime's official
  /// pairs (s, e) count from 1 and include both ends: they are [s - 1, e) here.
  public var events: [Range<Int>]

  public init(videoID: String, className: String, events: [Range<Int>]) {
    self.videoID = videoID
    self.className = className
    self.events = events
  }
}
