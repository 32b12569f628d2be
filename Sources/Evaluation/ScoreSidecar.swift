import Records

/// `scores.json` beside a run's score files: what a reader of `<id>.npy` needs to
/// turn snippet scores into frames' and to check them.
public struct ScoreSidecar: Codable, Sendable, Equatable {
  /// The format that this code writes and reads.
  public static let currentFormat = 1
  /// The file's name in `scores/<run>/`.
  public static let fileName = "scores.json"

  /// One scored video; its scores are float32 [snippets] in `scores`.
  public struct Video: Codable, Sendable, Equatable {
    public var id: String
    /// The score file's name in the same folder.
    public var scores: String
    public var frameCount: Int
    /// The class, where the label is known.
    public var className: String?
    /// Whether the label is an anomaly, where known.
    public var isAnomalous: Bool?
    /// Events in frames from 0, half-open; nil where not annotated.
    public var events: [Range<Int>]?

    public init(
      id: String, scores: String, frameCount: Int, className: String?, isAnomalous: Bool?,
      events: [Range<Int>]?
    ) {
      self.id = id
      self.scores = scores
      self.frameCount = frameCount
      self.className = className
      self.isAnomalous = isAnomalous
      self.events = events
    }
  }

  public var format: Int
  public var run: String
  public var dataset: String
  public var split: String?
  /// Frames of a snippet.
  public var snippetLength: Int
  public var videos: [Video]

  public init(run: String, dataset: String, split: String?, videos: [Video]) {
    self.format = Self.currentFormat
    self.run = run
    self.dataset = dataset
    self.split = split
    self.snippetLength = FrameGroundTruth.snippetLength
    self.videos = videos
  }
}
