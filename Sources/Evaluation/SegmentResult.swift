/// Average precision of one class's proposals at five overlaps.
public struct SegmentClassResult: Codable, Sendable, Equatable {
  public var className: String
  /// The annotated events that count.
  public var eventCount: Int
  public var proposalCount: Int
  /// In percent, at the overlaps of the result.
  public var averagePrecision: [Double]
  /// Their mean.
  public var mean: Double { averagePrecision.reduce(0, +) / Double(averagePrecision.count) }
}

/// mAP@IoU over one population of videos.
public struct SegmentPopulation: Codable, Sendable, Equatable {
  public var videoCount: Int
  /// Every class that was scored, those without events included.
  public var classes: [SegmentClassResult]
  /// The mean over the classes that count, in percent, at the overlaps of the result; empty
  /// where no class counts.
  public var meanAveragePrecision: [Double]

  /// AVG: the mean over the overlaps; nil where no class counts.
  public var average: Double? {
    meanAveragePrecision.isEmpty
      ? nil : meanAveragePrecision.reduce(0, +) / Double(meanAveragePrecision.count)
  }
}

/// mAP@IoU in the form of VadCLIP's released code, by which the papers' tables were made, and in
/// a form without its oddities. Both measure the same proposals.
public struct SegmentResult: Codable, Sendable, Equatable {
  /// The least intersection over union of a hit: 0.1 to 0.5.
  public var overlaps: [Double]
  /// VadCLIP's form, `vadclip-legacy`.
  public var legacy: Legacy
  /// The form without oddities, `fixed`.
  public var fixed: Fixed
  /// Annotated classes that have no scores, and so no part in either form.
  public var unscoredClasses: [String]

  /// `vadclip-legacy`: all videos, all classes with the normal one.
  public struct Legacy: Codable, Sendable, Equatable {
    public var truth: LegacyTruth
    /// The mean counts every class. All zeros if one class has no proposal.
    public var population: SegmentPopulation
    /// The classes whose lack of proposals sets the whole result to 0.
    public var classesWithoutProposals: [String]
  }

  /// `fixed`: anomaly classes only; those without events do not count, those without proposals
  /// count 0.
  public struct Fixed: Codable, Sendable, Equatable {
    public var abnormalVideos: SegmentPopulation
    public var allVideos: SegmentPopulation
    /// Events of any class against proposals from 1 minus the normal class's score; nil without
    /// a normal class.
    public var anyClass: AnyClass?
  }

  /// Class-agnostic results. Events that overlap or touch are one.
  public struct AnyClass: Codable, Sendable, Equatable {
    public var abnormalVideos: SegmentClassResult
    public var allVideos: SegmentClassResult
  }
}

/// How the released code took the annotation of a data set.
public struct LegacyTruth: Codable, Sendable, Equatable {
  /// Whether the whole length of every normal video is an event of the normal class. So it is
  /// for XD-Violence, whose code stores normal videos under 'A' and has a class 'A'. It stores
  /// those of UCF-Crime under 'A' too, where the class is called 'Normal': that class has no
  /// event, its average precision is 0, and the mean counts it.
  public var hasNormalEvents: Bool
  /// How many frames later an event begins than here: 1 for UCF-Crime, whose pairs (s, e), which
  /// count from 1, the released code reads as [s, e), the official evaluator as [s - 1, e).
  public var startShift: Int

  public init(hasNormalEvents: Bool = false, startShift: Int = 0) {
    self.hasNormalEvents = hasNormalEvents
    self.startShift = startShift
  }
}
