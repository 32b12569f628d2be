import Foundation
import Records
import Video

/// A video's label in a list's column of labels.
public struct ListedLabel: Sendable, Equatable {
  /// The label as written; several if the video's rows differ.
  public var texts: [String]
  /// The list's name.
  public var list: String
}

/// A data set on disk: its videos with labels and splits, and the temporal annotation of the
/// evaluated videos.
public struct Dataset: Sendable {
  public var descriptor: DatasetDescriptor
  /// The searched folder.
  public var root: URL
  /// The videos, in the order of their paths below the root.
  public var videos: [DatasetVideo]
  /// The temporal annotation by video id: normal videos have no events. Only
  /// evaluation may read it.
  public var annotations: [String: TemporalAnnotation]
  /// Entries of lists without a file in the folder.
  public var missingVideos: [String]
  /// Of these, the entries of each split's list.
  public var missingBySplit: [String: [String]] = [:]
  /// Paths below the root of videos that belong to no split.
  public var extraVideos: [String]
  /// Entries that occur more than once in a list, or in the lists of two splits.
  public var repeatedEntries: [String]
  /// Annotations with events that match no video.
  public var unmatchedAnnotations: [TemporalAnnotation]
  /// The number of frames that the annotation labels, by video id, for formats that give it.
  public var labelledFrames: [String: Int]
  /// The labels in lists, by video id.
  public var listedLabels: [String: ListedLabel]
  /// The events with their classes, by video id, if a file gives them.
  public var classEvents: [String: [XDClassAnnotationFile.Event]]
  /// Files and folders whose names are not UTF-8, so that they cannot be opened.
  public var undecodableNames: [String] = []
  /// How the videos are read.
  public private(set) var views = VideoViews.asRecorded
  /// The number of files below the root without a use.
  public var ignoredFileCount: Int
  /// Remarks for the user: ignored files, missing videos, unknown labels.
  public var notes: [String]

  public init(
    descriptor: DatasetDescriptor, root: URL, videos: [DatasetVideo],
    annotations: [String: TemporalAnnotation] = [:], missingVideos: [String] = [],
    extraVideos: [String] = [], repeatedEntries: [String] = [],
    unmatchedAnnotations: [TemporalAnnotation] = [], labelledFrames: [String: Int] = [:],
    listedLabels: [String: ListedLabel] = [:],
    classEvents: [String: [XDClassAnnotationFile.Event]] = [:],
    ignoredFileCount: Int = 0, notes: [String] = []
  ) {
    self.descriptor = descriptor
    self.root = root
    self.videos = videos
    self.annotations = annotations
    self.missingVideos = missingVideos
    self.extraVideos = extraVideos
    self.repeatedEntries = repeatedEntries
    self.unmatchedAnnotations = unmatchedAnnotations
    self.labelledFrames = labelledFrames
    self.listedLabels = listedLabels
    self.classEvents = classEvents
    self.ignoredFileCount = ignoredFileCount
    self.notes = notes
  }

  /// Sets how the videos are read.
  public mutating func read(with views: VideoViews) {
    self.views = views
    for place in videos.indices { videos[place].view = views.view(of: videos[place].id) }
  }

  /// The entries of a split's list without a file; all entries without a file if the data set
  /// has no splits.
  public func missingVideos(split: String) -> [String] {
    hasSplits || !missingBySplit.isEmpty ? missingBySplit[split] ?? [] : missingVideos
  }

  /// Whether the videos have splits. Without splits every video counts for any split.
  public var hasSplits: Bool { videos.contains { $0.split != nil } }

  /// Whether every video's label is known.
  public var isLabelled: Bool { videos.allSatisfy { $0.isAnomalous != nil } }

  /// The videos of a split. All videos for nil, and for any name if the data set has no
  /// splits.
  public func videos(split: String?) -> [DatasetVideo] {
    guard let split, hasSplits else { return videos }
    return videos.filter { $0.split == split }
  }

  /// The annotation, for evaluation.
  ///
  /// - Throws: `DatasetError.annotationMissing` if no annotation file was found,
  ///   `.tableWithoutEvents` for a table.
  public func requiredAnnotations() throws -> [String: TemporalAnnotation] {
    guard annotations.values.contains(where: { !$0.events.isEmpty }) else {
      if descriptor.layout == .table {
        throw DatasetError.tableWithoutEvents(dataset: descriptor.title, root: root.path)
      }
      throw DatasetError.annotationMissing(
        dataset: descriptor.name,
        wanted: descriptor.annotations?.files ?? ["Temporal_Anomaly_Annotation*.txt"],
        root: root.path)
    }
    return annotations
  }
}

/// One video of a data set.
public struct DatasetVideo: Codable, Sendable, Equatable {
  /// The file's name without extension, made path-safe and unique in the data set.
  public var id: String
  /// The file's absolute path.
  public var path: String
  /// `train` or `test`; nil if the data set has no splits.
  public var split: String?
  /// The classes' names in the descriptor; nil if the label is unknown.
  public var classNames: [String]?
  /// Whether any of the classes is an anomaly; nil if the label is unknown.
  public var isAnomalous: Bool?
  /// The camera or place; nil if the data set does not name it.
  public var sceneID: String?
  /// How its pictures are read.
  public var view = VideoView.asRecorded
  /// For a piece, its place in the file; nil for a whole video. A piece's `classNames` are
  /// those of the whole video.
  public var segment: VideoSegment?

  public init(
    id: String, path: String, split: String? = nil, classNames: [String]? = nil,
    isAnomalous: Bool? = nil, sceneID: String? = nil, segment: VideoSegment? = nil
  ) {
    self.id = id
    self.path = path
    self.split = split
    self.classNames = classNames
    self.isAnomalous = isAnomalous
    self.sceneID = sceneID
    self.segment = segment
  }

  private enum CodingKeys: String, CodingKey {
    case id, path, split, classNames, isAnomalous, sceneID, segment
  }
}

/// One of n parts of a data set, for machines that work on it separately.
///
/// A video's part depends only on a hash of its id. It is the same on every machine, and
/// adding a video moves no other video.
public struct DatasetShard: Sendable, Equatable {
  /// The number of the part, from 1.
  public let number: Int
  /// The number of all parts.
  public let count: Int

  /// - Returns: nil unless 1 <= number <= count.
  public init?(number: Int, of count: Int) {
    guard count >= 1, (1...count).contains(number) else { return nil }
    self.number = number
    self.count = count
  }

  /// Parses `2/4`, the second of four parts; nil for any other text.
  public init?(_ text: String) {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false).map { Int($0) }
    guard parts.count == 2, let number = parts[0], let count = parts[1] else { return nil }
    self.init(number: number, of: count)
  }

  /// Whether a video belongs to this part.
  public func contains(_ videoID: String) -> Bool {
    // The first 60 bits of SHA-256, which fit a non-negative Int.
    let digits = ContentHash.of(Array(videoID.utf8)).prefix(15)
    guard let value = Int(digits, radix: 16) else {
      preconditionFailure("a hash that is not hexadecimal: \(digits)")
    }
    return value % count == number - 1
  }
}
