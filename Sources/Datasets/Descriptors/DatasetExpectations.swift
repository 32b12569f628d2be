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

/// Something about a data set's files that is not as it should be.
public struct DatasetFinding: Codable, Sendable, Equatable {
  /// What is wrong.
  public enum Kind: String, Codable, Sendable, CaseIterable {
    /// A list names it and no file has the name.
    case missing
    /// The file does not open, or its first frame does not decode.
    case corrupt
    /// A video that no list or rule claims.
    case extra
    /// A file whose name is nearly that of a missing one, or does not tell its class.
    case misnamed
    /// A list names it more than once, or it is in both splits.
    case repeated
    /// An annotated event ends after the last frame.
    case eventPastEnd
    /// An annotated event ends after the last whole snippet of 16 frames.
    case eventPastSnippets
    /// The header claims another number of frames than there are, or the annotation
    /// labels another number.
    case frameCount
    /// An evaluated video that the annotation does not name, or a name in it that no
    /// video has.
    case annotation
    /// A list, or the events' classes, name other classes than the video's name or folder.
    case label
    /// A number of videos, frames or events differs from the published one.
    case count
  }

  public var kind: Kind
  /// The video, file or split.
  public var subject: String
  public var found: String
  public var expected: String
  /// Why it is known and no fault of this copy; nil where it is not.
  public var known: String?

  public init(
    _ kind: Kind, _ subject: String, found: String, expected: String, known: String? = nil
  ) {
    self.kind = kind
    self.subject = subject
    self.found = found
    self.expected = expected
    self.known = known
  }
}
