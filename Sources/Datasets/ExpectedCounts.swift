/// What is known of a data set's published files: what `describe doctor` compares with.
public struct ExpectedCounts: Codable, Sendable, Equatable {
  /// One split's videos.
  public struct Split: Codable, Sendable, Equatable {
    public var name: String
    public var normal: Int
    public var anomalous: Int
    /// Frames in whole snippets of 16, over all videos of the split.
    public var snippetFrames: Int?

    enum CodingKeys: String, CodingKey, CaseIterable {
      case name, normal, anomalous, snippetFrames
    }
  }
  public var splits: [Split]
  /// Videos that the temporal annotation names.
  public var annotatedVideos: Int?
  /// Events in it.
  public var events: Int?

  enum CodingKeys: String, CodingKey, CaseIterable {
    case splits, annotatedVideos, events
  }
}

/// A defect of the published files that is known: reported as such.
public struct KnownDefect: Codable, Sendable, Equatable {
  /// The video's name; wildcards allowed.
  public var video: String
  /// Which kinds of findings it explains.
  public var kinds: [DatasetFinding.Kind]
  /// Where it is known from, or why it is.
  public var note: String

  enum CodingKeys: String, CodingKey, CaseIterable {
    case video, kinds, note
  }
}
