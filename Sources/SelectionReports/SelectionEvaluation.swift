import Evaluation
import Foundation
import KeyEvents
import Records

/// The scores of strategies on a data set: means over videos, with confidence intervals
/// from resampled videos, and the paired differences from uniform sampling.
public struct SelectionEvaluation: Codable, Sendable {
  /// The format that this version writes.
  public static let currentFormat = 1

  /// One metric of one strategy at one number of frames.
  public struct Figure: Codable, Sendable, Equatable {
    public var metric: SelectionMetric
    /// The mean over the videos that define the metric.
    public var mean: Double
    /// The number of these videos.
    public var videos: Int
    /// The 95% interval of the mean.
    public var interval: ConfidenceInterval?
    /// The mean difference between this strategy and uniform on the same videos; nil for
    /// uniform itself, and if uniform was not run.
    public var difference: Double?
    /// The 95% interval of the difference.
    public var differenceInterval: ConfidenceInterval?

    /// 1 or -1 if the interval of the difference lies above or below 0, otherwise 0.
    public var directionAgainstUniform: Int {
      guard let interval = differenceInterval else { return 0 }
      return interval.lower > 0 ? 1 : interval.upper < 0 ? -1 : 0
    }
  }

  /// One strategy at one number of frames.
  public struct Line: Codable, Sendable, Equatable {
    public var strategy: SelectionStrategy
    public var frames: Int
    /// The number of videos on which the strategy gave fewer than min(frames, candidates)
    /// frames.
    public var shortVideos: Int
    /// Why the strategy could not run; nil if it ran.
    public var failure: String?
    public var figures: [Figure]

    /// The figure of a metric; nil if it is not defined.
    public func figure(_ metric: SelectionMetric) -> Figure? {
      figures.first { $0.metric == metric }
    }
  }

  public var format = Self.currentFormat
  public var videos: Int
  public var events: Int
  /// The parameters of all strategies.
  public var parameters: SelectionParameters
  public var resamples: Int
  public var seed: UInt64
  /// By number of frames, then in the order of the strategies.
  public var lines: [Line]
  /// Every video's scores. The CSV file contains them, the JSON file does not.
  public var scores: [SelectionScore] = []

  enum CodingKeys: String, CodingKey {
    case format, videos, events, parameters, resamples, seed, lines
  }

  /// Scores every strategy at every number of frames on every video.
  ///
  /// A strategy that cannot run on one of the videos has no figures but a reason.
  public init(
    of videos: [AnnotatedCurve], strategies: [SelectionStrategy], frames: [Int],
    parameters: SelectionParameters = SelectionParameters(), resamples: Int = 1000, seed: UInt64 = 0
  ) {
    self.videos = videos.count
    events = videos.reduce(0) { $0 + $1.intervals.count }
    self.parameters = parameters
    self.resamples = resamples
    self.seed = seed
    let bootstrap = MeanBootstrap(videos: videos.count, resamples: resamples, seed: seed)
    lines = []
    for count in frames {
      let uniform = try? videos.map {
        try $0.score(.uniform, frames: count, parameters: parameters)
      }
      for strategy in strategies {
        do {
          let scores: [SelectionScore]
          if strategy == .uniform, let uniform {
            scores = uniform
          } else {
            scores = try videos.map {
              try $0.score(strategy, frames: count, parameters: parameters)
            }
          }
          lines.append(
            Line(
              strategy: strategy, frames: count,
              shortVideos: zip(scores, videos).count { score, video in
                score.returned < min(count, video.curve.count)
              },
              figures: SelectionMetric.allCases.compactMap { metric in
                Self.figure(
                  metric, of: scores, against: strategy == .uniform ? nil : uniform,
                  bootstrap: bootstrap)
              }))
          self.scores += scores
        } catch {
          lines.append(
            Line(
              strategy: strategy, frames: count, shortVideos: 0, failure: "\(error)", figures: []))
        }
      }
    }
  }

  private static func figure(
    _ metric: SelectionMetric, of scores: [SelectionScore], against uniform: [SelectionScore]?,
    bootstrap: MeanBootstrap
  ) -> Figure? {
    let values = scores.map { $0.values[metric] }
    guard let mean = MeanBootstrap.mean(values) else { return nil }
    var figure = Figure(
      metric: metric, mean: mean, videos: values.count { $0 != nil },
      interval: bootstrap.interval(of: values))
    if let uniform {
      let differences = zip(values, uniform).map { value, other -> Double? in
        guard let value, let reference = other.values[metric] else { return nil }
        return value - reference
      }
      figure.difference = MeanBootstrap.mean(differences)
      figure.differenceInterval = bootstrap.interval(of: differences)
    }
    return figure
  }

  /// Every video's scores as CSV (RFC 4180). A field is empty if the video does not define
  /// the metric.
  public var csv: String {
    let header =
      ["video", "class", "strategy", "frames", "returned", "events"]
      + SelectionMetric.allCases.map(\.title)
    let rows = scores.map { score in
      [
        CSVField.quoted(score.video), CSVField.quoted(score.className), score.strategy.rawValue,
        "\(score.frames)", "\(score.returned)", "\(score.events)",
      ] + SelectionMetric.allCases.map { metric in score.values[metric].map { "\($0)" } ?? "" }
    }
    return ([header] + rows).map { $0.joined(separator: ",") + "\r\n" }.joined()
  }

  /// Writes the evaluation as `selection-evaluation.json` and `.csv` into a folder.
  public func write(to folder: URL) throws -> (json: URL, csv: URL) {
    let csvFile = folder.appendingPathComponent("selection-evaluation.csv")
    let jsonFile = folder.appendingPathComponent("selection-evaluation.json")
    try AtomicFile.write(Data(csv.utf8), to: csvFile)
    try JSONRecord.write(self, to: jsonFile)
    return (jsonFile, csvFile)
  }
}
