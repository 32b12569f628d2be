import Foundation

/// Models side by side on one data set's videos. `ComparisonReportPage` draws it.
public struct ComparisonReport: Sendable, Equatable {
  /// The headline, such as "Demo: models compared".
  public var title: String
  /// The data set's name.
  public var dataset: String
  public var created: Date
  /// What the comparison came to, a sentence each.
  public var findings: [String]
  /// Remarks under the findings: caveats, terms.
  public var notes: [String]
  public var counts: ReportCounts
  /// Frame AUC and AP, a metric per model each.
  public var metrics: [ReportMetric]
  /// A row per model of `models`, in their order; the first column names the model.
  public var table: ReportTable
  /// Further figures, in tables with the same rows.
  public var moreTables: [ReportTable]
  /// Why runs have no figures, a line each.
  public var failures: [String]
  /// The models' names. Their places are their colours.
  public var models: [String]
  /// AUC of each class's videos with all normal ones.
  public var classes: [ComparisonReportClass]
  /// The videos whose curves differ most first.
  public var videos: [ComparisonReportVideo]

  public init(
    title: String, dataset: String, created: Date = Date(), findings: [String] = [],
    notes: [String] = [], counts: ReportCounts = ReportCounts(), metrics: [ReportMetric] = [],
    table: ReportTable, moreTables: [ReportTable] = [], failures: [String] = [],
    models: [String],
    classes: [ComparisonReportClass] = [], videos: [ComparisonReportVideo] = []
  ) {
    self.title = title
    self.dataset = dataset
    self.created = created
    self.findings = findings
    self.notes = notes
    self.counts = counts
    self.metrics = metrics
    self.table = table
    self.moreTables = moreTables
    self.failures = failures
    self.models = models
    self.classes = classes
    self.videos = videos
  }

  /// Rejects content that cannot be drawn truthfully: rows, bars or curves that are not one per
  /// model, scores outside 0...1, times that run backwards, a repeated name.
  ///
  /// - Throws: `ReportError`.
  public func validate() throws {
    for table in [table] + moreTables {
      try table.validate()
      guard table.rows.count == models.count else {
        throw ReportError.badTable(
          title: table.title, row: models.count, found: table.rows.count, expected: models.count)
      }
    }
    var names: Set<String> = []
    for name in models where !names.insert(name).inserted {
      throw ReportError.repeatedRun(name: name)
    }
    for item in classes where item.areas.count != models.count {
      throw ReportError.badTable(
        title: item.name, row: 0, found: item.areas.count, expected: models.count)
    }
    for item in classes {
      for value in item.areas.compactMap({ $0 }).flatMap({ [$0.mean, $0.least, $0.greatest] })
      where !(0...1).contains(value) { throw ReportError.badMetric(name: item.name) }
    }
    var ids: Set<String> = []
    for video in videos {
      guard ids.insert(video.id).inserted else { throw ReportError.repeatedVideo(id: video.id) }
      try video.validate(models: models)
    }
  }
}

/// One class of a comparison.
public struct ComparisonReportClass: Sendable, Equatable {
  /// Mean and range over a model's seeds.
  public struct Area: Sendable, Equatable {
    public var mean: Double
    public var least: Double
    public var greatest: Double

    public init(mean: Double, least: Double, greatest: Double) {
      self.mean = mean
      self.least = least
      self.greatest = greatest
    }
  }

  public var name: String
  public var videoCount: Int
  /// One per model; nil where it is not defined.
  public var areas: [Area?]

  public init(name: String, videoCount: Int, areas: [Area?]) {
    self.name = name
    self.videoCount = videoCount
    self.areas = areas
  }
}

/// One video of a comparison, with a curve per model.
public struct ComparisonReportVideo: Sendable, Equatable {
  public var id: String
  /// The class; nil if unknown.
  public var className: String?
  public var isAnomalous: Bool?
  public var durationSeconds: Double
  /// One curve per model, in time order; empty for a model without scores.
  public var curves: [[ReportScore]]
  /// The frame AUC within this video by model; nil where it is not defined.
  public var areas: [Double?]
  /// The annotated anomalies; empty for a normal video, nil without annotation.
  public var groundTruth: [ReportInterval]?
  /// How far the curves are from each other, and how far their ranks are.
  public var spread: Double
  public var rankSpread: Double

  public init(
    id: String, className: String? = nil, isAnomalous: Bool? = nil, durationSeconds: Double,
    curves: [[ReportScore]], areas: [Double?], groundTruth: [ReportInterval]? = nil,
    spread: Double, rankSpread: Double
  ) {
    self.id = id
    self.className = className
    self.isAnomalous = isAnomalous
    self.durationSeconds = durationSeconds
    self.curves = curves
    self.areas = areas
    self.groundTruth = groundTruth
    self.spread = spread
    self.rankSpread = rankSpread
  }

  fileprivate func validate(models: [String]) throws {
    guard curves.count == models.count, areas.count == models.count else {
      throw ReportError.badClassCurve(
        video: id, name: "the models", found: curves.count, expected: models.count)
    }
    // The same checks as for a video of a detection report.
    for curve in curves {
      try ReportVideo(
        id: id, durationSeconds: durationSeconds, scores: curve, groundTruth: groundTruth
      ).validate()
    }
  }
}
