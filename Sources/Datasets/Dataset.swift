import Foundation
import Records

/// What a list's column of labels says of a video.
public struct ListedLabel: Sendable, Equatable {
  /// As it is written; several where the video's rows differ.
  public var texts: [String]
  /// The list's name.
  public var list: String
}

/// A data set found on disk: its videos with labels and splits, and the temporal
/// annotation of those that are evaluated.
public struct Dataset: Sendable {
  public var descriptor: DatasetDescriptor
  /// The folder that was searched.
  public var root: URL
  /// The videos, in the order of their paths below the root.
  public var videos: [DatasetVideo]
  /// The temporal annotation by video id: normal videos have no events. Only
  /// evaluation may read it.
  public var annotations: [String: TemporalAnnotation]
  /// Names that a list has and the folder has not.
  public var missingVideos: [String]
  /// Of these, the names on each split's list.
  public var missingBySplit: [String: [String]] = [:]
  /// Videos below the root that belong to no split, by their paths below it.
  public var extraVideos: [String]
  /// Entries that a list has more than once, or that are in two splits' lists.
  public var repeatedEntries: [String]
  /// Annotations with events whose names no video has.
  public var unmatchedAnnotations: [TemporalAnnotation]
  /// How many frames the annotation labels, by video id, where it says.
  public var labelledFrames: [String: Int]
  /// What lists say of videos' labels, by video id.
  public var listedLabels: [String: ListedLabel]
  /// The events with their classes, by video id, where a file gives them.
  public var classEvents: [String: [XDClassAnnotationFile.Event]]
  /// Files below the root that belong to nothing.
  public var ignoredFileCount: Int
  /// What a user should know: ignored files, missing videos, unknown labels.
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

  /// The names on a split's list without a video.
  public func missingVideos(split: String) -> [String] { missingBySplit[split] ?? [] }

  /// Whether the videos are split; without splits every video counts for any.
  public var hasSplits: Bool { videos.contains { $0.split != nil } }

  /// Whether every video's label is known.
  public var isLabelled: Bool { videos.allSatisfy { $0.isAnomalous != nil } }

  /// The videos of a split; all of them for nil, and for any name where the data
  /// set has no splits.
  public func videos(split: String?) -> [DatasetVideo] {
    guard let split, hasSplits else { return videos }
    return videos.filter { $0.split == split }
  }

  /// The annotation, for evaluation.
  ///
  /// - Throws: `DatasetError.annotationMissing` where no annotation file was found.
  public func requiredAnnotations() throws -> [String: TemporalAnnotation] {
    guard annotations.values.contains(where: { !$0.events.isEmpty }) else {
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
  /// `train` or `test`; nil where the data set has no splits.
  public var split: String?
  /// The classes' names in the descriptor; nil where the label is unknown.
  public var classNames: [String]?
  /// Whether any of the classes is an anomaly; nil where the label is unknown.
  public var isAnomalous: Bool?
  /// The camera or place, where the data set tells.
  public var sceneID: String?
  /// Which piece of the file it is; nil for the whole. A piece's `classNames` are the
  /// whole video's.
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
}

/// One of n parts of a data set, for machines that work on it separately.
///
/// A video's part follows from a hash of its id alone: it is the same on every
/// machine, whatever else is there, and adding a video moves no other one.
public struct DatasetShard: Sendable, Equatable {
  /// Which part, from 1.
  public let number: Int
  /// How many parts there are.
  public let count: Int

  /// - Returns: nil unless 1 <= number <= count.
  public init?(number: Int, of count: Int) {
    guard count >= 1, (1...count).contains(number) else { return nil }
    self.number = number
    self.count = count
  }

  /// Reads `2/4`: the second of four parts.
  public init?(_ text: String) {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false).map { Int($0) }
    guard parts.count == 2, let number = parts[0], let count = parts[1] else { return nil }
    self.init(number: number, of: count)
  }

  /// Whether a video belongs to this part.
  public func contains(_ videoID: String) -> Bool {
    // The first 60 bits of SHA-256; 60, so that they fit a non-negative Int.
    let digits = ContentHash.of(Array(videoID.utf8)).prefix(15)
    guard let value = Int(digits, radix: 16) else {
      preconditionFailure("a hash that is not hexadecimal: \(digits)")
    }
    return value % count == number - 1
  }
}
