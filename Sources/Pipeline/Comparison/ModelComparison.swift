import Evaluation
import Foundation
import Records
import Workspaces

/// How several models do on one split of a data set: `report/compare.json`.
public struct ModelComparison: Codable, Sendable, Equatable {
  /// The format that this version writes and reads.
  public static let currentFormat = 1

  /// The values of a figure over the seeds of a model.
  public struct Spread: Codable, Sendable, Equatable {
    public var mean: Double
    public var least: Double
    public var greatest: Double
    /// By seed, in the order of the runs.
    public var values: [Double]

    /// Nil without values.
    public init?(_ values: [Double]) {
      guard let least = values.min(), let greatest = values.max() else { return nil }
      self.values = values
      self.least = least
      self.greatest = greatest
      mean = values.reduce(0, +) / Double(values.count)
    }
  }

  /// One run of a model.
  public struct Run: Codable, Sendable, Equatable {
    public var id: String
    public var seed: UInt64
    /// `trained`, `resumed`, `kept`, `failed`, `stopped`.
    public var state: String
    /// Why it has no figures; nil where it has.
    public var reason: String?
    /// Whether its scores were there already.
    public var scoresWereStored = false
    public var areaUnderROC: Double?
    public var averagePrecision: Double?
    /// By 1 minus the normal class's score; nil for a model without class scores.
    public var classAreaUnderROC: Double?
    public var classAveragePrecision: Double?
    /// mAP@IoU, mean over the overlaps, in percent: over abnormal videos in the fixed form, and
    /// in that of VadCLIP's code; nil for a model without class scores, and where `segmentsReason`
    /// says why.
    public var segments: Double?
    public var legacySegments: Double?
    public var segmentsReason: String?
    /// The share of what was learned in the scores, beside the features' own score; nil where
    /// nothing was calibrated so.
    public var learnedShare: Double?
    /// Wall time of the training, on cores that runs side by side share.
    public var seconds: Double?
    /// The bytes that a training run takes, by a measured step.
    public var memoryBytes: Int?

    init(id: String, seed: UInt64, state: String, reason: String? = nil) {
      self.id = id
      self.seed = seed
      self.state = state
      self.reason = reason
    }
  }

  /// A model beside the base, in one metric.
  public struct Difference: Codable, Sendable, Equatable {
    /// The mean over the seeds that both have, minus that of the base.
    public var difference: Double
    /// By resampling videos and seeds; nil where too few resamples define the metric.
    public var interval: ConfidenceInterval?
    public var seeds: Int
    public var betterSeeds: Int
    /// `better`, `worse`, or `not clearly different` and why.
    public var verdict: String
  }

  /// The area of a class's videos with all normal ones.
  public struct ClassArea: Codable, Sendable, Equatable {
    public var className: String
    public var videos: Int
    public var areaUnderROC: Spread?
  }

  /// One model with a preset.
  public struct Row: Codable, Sendable, Equatable {
    /// The family's name.
    public var model: String
    /// Model and ablations: what tells rows apart.
    public var variant: String
    public var label: String
    /// The presets that were applied, the base first.
    public var presets: [String]
    public var runs: [Run]
    public var areaUnderROC: Spread?
    public var averagePrecision: Spread?
    public var classAreaUnderROC: Spread?
    public var classAveragePrecision: Spread?
    public var segments: Spread?
    public var legacySegments: Spread?
    /// Numbers that training changes.
    public var parameters: Int?
    public var seconds: Spread?
    public var memoryBytes: Int?
    public var classes: [ClassArea]
    /// Beside the base; nil for the base itself, and where one of the two has no figures.
    public var areaDifference: Difference?
    public var precisionDifference: Difference?

    /// Whether some of its runs have class scores.
    public var hasClassScores: Bool { classAreaUnderROC != nil }
  }

  /// How far the models are from each other in a video.
  public struct Disagreement: Codable, Sendable, Equatable {
    public var video: String
    public var className: String
    /// The mean over the snippets of the greatest minus the least score, of each model the mean
    /// over its seeds.
    public var spread: Double
    /// The same of the scores' ranks among all of the model's snippets, from 0 to 1.
    public var rankSpread: Double
  }

  public var format = Self.currentFormat
  public var dataset: String
  public var split: String?
  /// ISO 8601.
  public var created: String
  public var videos: Int
  public var anomalousVideos: Int
  public var frames: Int
  public var positiveFrames: Int
  /// Listed videos without a file or features that were left out; nil if there are none.
  public var absentVideos: [String]?
  public var rows: [Row]
  /// The variant that the others are compared with: the first with figures.
  public var base: String?
  /// The greatest spread first.
  public var disagreements: [Disagreement]

  /// Whether a run of them has no figures.
  public var hasFailures: Bool { rows.contains { $0.runs.contains { $0.reason != nil } } }

  /// The files in a workspace, by their extension: `json`, `csv`, `html`.
  public static func file(_ kind: String, in workspace: Workspace) -> URL {
    workspace.reportFolder.appendingPathComponent("compare.\(kind)")
  }
}

extension ModelComparison.Difference {
  /// The least mean change that is called one, as for the variants of one model.
  static let leastEffect = EvaluationSummary.leastEffect

  /// Compares runs of equal seeds.
  ///
  /// - Returns: nil where no seed is on both sides.
  init?(
    _ pairs: [(first: (value: Double, MetricResamples), second: (value: Double, MetricResamples))]
  ) {
    guard !pairs.isEmpty else { return nil }
    let differences = pairs.map { $0.second.value - $0.first.value }
    difference = differences.reduce(0, +) / Double(differences.count)
    interval = MetricResamples.pairedDifference(pairs.map { ($0.first.1, $0.second.1) })
    seeds = differences.count
    betterSeeds = differences.count { $0 > 0 }
    let isUnclear = "not clearly different"
    verdict =
      switch interval {
      case nil: "\(isUnclear): too few resamples have both kinds of frames"
      case .some(let found) where found.lower <= 0 && found.upper >= 0: isUnclear
      case .some where differences.count < 2: "\(isUnclear): one seed"
      case .some where abs(difference) < Self.leastEffect:
        "\(isUnclear): by less than \(Self.leastEffect)"
      case .some where betterSeeds == differences.count: "better"
      case .some where differences.allSatisfy({ $0 < 0 }): "worse"
      case .some: "\(isUnclear): the seeds disagree"
      }
  }
}
