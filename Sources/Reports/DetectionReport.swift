import Foundation
import Records

/// The content of one report: the stages of the pipeline, the metrics, and each video's
/// scores, key frames and description. It is the last record of the pipeline, and
/// `DetectionReportPage` draws it.
public struct DetectionReport: Codable, Sendable, Equatable {
  /// The number of this record's layout.
  public static let currentFormat = 1

  public var format: Int
  /// The headline, such as "Demo: held-out clips".
  public var title: String
  /// The data set's name, or the video's file name for a single video.
  public var dataset: String
  public var created: Date
  /// The outcome in one sentence, shown large under the title, for example whether
  /// descriptions helped.
  public var finding: String?
  /// The size of the evaluated data.
  public var counts: ReportCounts
  /// Metrics over the evaluated videos; empty without ground truth.
  public var metrics: [ReportMetric]
  /// Tables of further figures; nil without any.
  public var tables: [ReportTable]?
  /// Remarks under the metrics: caveats, definitions, the exact command.
  public var notes: [String]
  /// All stages in the order of the pipeline.
  public var stages: [ReportStage]
  public var videos: [ReportVideo]

  public init(
    title: String, dataset: String, created: Date = Date(), finding: String? = nil,
    counts: ReportCounts = ReportCounts(), metrics: [ReportMetric] = [],
    tables: [ReportTable] = [], notes: [String] = [],
    stages: [ReportStage] = [], videos: [ReportVideo]
  ) {
    format = Self.currentFormat
    self.title = title
    self.dataset = dataset
    self.created = created
    self.finding = finding
    self.counts = counts
    self.metrics = metrics
    self.tables = tables.isEmpty ? nil : tables
    self.notes = notes
    self.stages = stages
    self.videos = videos
  }

  /// Reads a record that `write(to:)` wrote.
  ///
  /// - Throws: `RecordError` for a file without such a record, `ReportError` for a
  ///   different format or for numbers that cannot be drawn.
  public static func read(from url: URL) throws -> DetectionReport {
    let report = try JSONRecord.read(DetectionReport.self, from: url)
    guard report.format == currentFormat else {
      throw ReportError.otherFormat(path: url.path, found: report.format, expected: currentFormat)
    }
    try report.validate()
    return report
  }

  /// Writes the record as JSON, atomically.
  public func write(to url: URL) throws {
    try validate()
    try JSONRecord.write(self, to: url)
  }

  /// Rejects content that cannot be drawn truthfully: non-finite scores or metrics, scores
  /// outside 0...1, time ranges that run backwards or overlap, and two videos with one id.
  public func validate() throws {
    var ids: Set<String> = []
    for video in videos {
      guard ids.insert(video.id).inserted else { throw ReportError.repeatedVideo(id: video.id) }
      try video.validate()
    }
    for table in tables ?? [] { try table.validate() }
    for metric in metrics {
      guard metric.values.allSatisfy(\.isFinite), !metric.values.isEmpty else {
        throw ReportError.badMetric(name: "\(metric.name), \(metric.variant)")
      }
    }
  }
}

/// The size of the evaluated data. The page omits missing counts.
public struct ReportCounts: Codable, Sendable, Equatable {
  public var videos: Int?
  /// Videos with an anomaly.
  public var anomalousVideos: Int?
  public var frames: Int?
  /// Frames inside an anomaly.
  public var positiveFrames: Int?

  public init(
    videos: Int? = nil, anomalousVideos: Int? = nil, frames: Int? = nil, positiveFrames: Int? = nil
  ) {
    self.videos = videos
    self.anomalousVideos = anomalousVideos
    self.frames = frames
    self.positiveFrames = positiveFrames
  }
}
