import Datasets

/// What `describe doctor` found of a data set: the same as a table and as JSON.
public struct DatasetReport: Codable, Sendable, Equatable {
  /// One split as it is here.
  public struct Split: Codable, Sendable, Equatable {
    public var name: String
    public var normal: Int
    public var anomalous: Int
    public var unlabelled: Int
    /// Frames over all videos that opened, and those in whole snippets of 16.
    public var frames: Int
    public var snippetFrames: Int
    /// Frames inside annotated events, clipped to the videos' ends.
    public var positiveFrames: Int
    /// What is published; nil where nothing is known.
    public var expected: ExpectedCounts.Split?
  }

  public var dataset: String
  public var root: String
  public var splits: [Split]
  public var annotatedVideos: Int
  public var events: Int
  /// Videos that do not belong to a split.
  public var extraVideos: Int
  public var findings: [DatasetFinding]

  /// Whether nothing was found but defects that are known.
  public var isClean: Bool { findings.allSatisfy { $0.known != nil } }
}
