import Foundation

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
