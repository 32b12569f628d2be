/// The published counts of a data set, with which `describe doctor` compares a copy.
public struct ExpectedCounts: Codable, Sendable, Equatable {
  /// The counts of one split.
  public struct Split: Codable, Sendable, Equatable {
    public var name: String
    public var normal: Int
    public var anomalous: Int
    /// Frames in whole snippets of 16, summed over all videos of the split.
    public var snippetFrames: Int?

    enum CodingKeys: String, CodingKey, CaseIterable {
      case name, normal, anomalous, snippetFrames
    }
  }
  public var splits: [Split]
  /// Videos in the temporal annotation.
  public var annotatedVideos: Int?
  /// Events in the temporal annotation.
  public var events: Int?

  enum CodingKeys: String, CodingKey, CaseIterable {
    case splits, annotatedVideos, events
  }
}

/// A known defect of the published files. The doctor marks its findings as known.
public struct KnownDefect: Codable, Sendable, Equatable {
  /// A pattern of the video's name, with wildcards.
  public var video: String
  /// The kinds of findings that the defect explains.
  public var kinds: [DatasetFinding.Kind]
  /// The source or the cause of the defect.
  public var note: String

  enum CodingKeys: String, CodingKey, CaseIterable {
    case video, kinds, note
  }
}

/// A disagreement between a data set's files and its lists, annotation or published counts.
public struct DatasetFinding: Codable, Sendable, Equatable {
  /// The kind of disagreement.
  public enum Kind: String, Codable, Sendable, CaseIterable {
    /// A list contains the video, and no file has its name.
    case missing
    /// The file does not open, or its first frame does not decode.
    case corrupt
    /// No list or rule of a split contains the video.
    case extra
    /// The file's name is nearly that of a missing video, or gives no class.
    case misnamed
    /// The file's name is not UTF-8, so that it cannot be opened.
    case undecodableName
    /// The recording's clock jumps.
    case clock
    /// The pixels are probably not square, and the file does not say so.
    case pixelAspect
    /// A list contains the video more than once, or it is in both splits.
    case repeated
    /// An annotated event ends after the last frame.
    case eventPastEnd
    /// An annotated event ends after the last whole snippet of 16 frames.
    case eventPastSnippets
    /// The header or the annotation has another number of frames than the file.
    case frameCount
    /// The annotation lacks an evaluated video, or contains a name without a video.
    case annotation
    /// A list or the events have other classes than the video's name or folder.
    case label
    /// A number of videos, frames or events differs from the published one.
    case count
  }

  public var kind: Kind
  /// The video, file or split.
  public var subject: String
  public var found: String
  public var expected: String
  /// For a known defect of the published files, its note; nil for other findings.
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
