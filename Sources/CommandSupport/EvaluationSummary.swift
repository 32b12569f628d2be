import Evaluation
import Foundation
import Records
import Workspaces

/// How the runs of one group do on one split: `report/evaluation.json`.
public struct EvaluationSummary: Codable, Sendable, Equatable {
  /// The format that this version writes and reads.
  public static let currentFormat = 1

  /// One run's figures.
  public struct Run: Codable, Sendable, Equatable {
    public var id: String
    public var variant: String
    public var seed: UInt64
    /// Nil where the metric is not defined; the run's own evaluation says why.
    public var areaUnderROC: Double?
    public var averagePrecision: Double?

    public init(
      id: String, variant: String, seed: UInt64, areaUnderROC: Double?, averagePrecision: Double?
    ) {
      self.id = id
      self.variant = variant
      self.seed = seed
      self.areaUnderROC = areaUnderROC
      self.averagePrecision = averagePrecision
    }
  }

  public var format = Self.currentFormat
  public var dataset: String
  public var split: String?
  public var videos: Int
  public var frames: Int
  public var positiveFrames: Int
  public var runs: [Run]

  public init(
    dataset: String, split: String?, videos: Int, frames: Int, positiveFrames: Int, runs: [Run]
  ) {
    self.dataset = dataset
    self.split = split
    self.videos = videos
    self.frames = frames
    self.positiveFrames = positiveFrames
    self.runs = runs
  }

  /// The variants in the order of their first runs.
  public var variants: [String] {
    var seen: [String] = []
    for run in runs where !seen.contains(run.variant) { seen.append(run.variant) }
    return seen
  }

  /// The values of one metric over a variant's seeds.
  public func values(_ metric: KeyPath<Run, Double?>, of variant: String) -> [Double] {
    runs.filter { $0.variant == variant }.compactMap { $0[keyPath: metric] }
  }

  /// Mean and, with more than one seed, sample standard deviation: `0.8765 ± 0.0123`.
  public static func meanAndSpread(_ values: [Double]) -> String {
    guard !values.isEmpty else { return "not defined" }
    let mean = values.reduce(0, +) / Double(values.count)
    guard values.count > 1 else { return String(format: "%.4f", mean) }
    let variance =
      values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count - 1)
    return String(format: "%.4f ± %.4f", mean, variance.squareRoot())
  }

  /// The figures as a table.
  public var table: TextTable {
    var table = TextTable(["variant", "seeds", "frame AUC", "frame AP"])
    for variant in variants {
      table.add([
        TrainingVariant(rawValue: variant)?.spelledOut ?? variant,
        "\(runs.count { $0.variant == variant })",
        Self.meanAndSpread(values(\.areaUnderROC, of: variant)),
        Self.meanAndSpread(values(\.averagePrecision, of: variant)),
      ])
    }
    return table
  }

  /// The least mean change of frame AUC that is called an effect.
  private static let leastEffect = 0.01

  /// One sentence on what the descriptions are worth here; nil where no pair of
  /// variants was trained. An effect is a mean change of at least 0.01 that has the
  /// same sign at every seed, of at least two.
  public var finding: String? {
    let with = values(\.areaUnderROC, of: TrainingVariant.dbvad.rawValue)
    let without = values(\.areaUnderROC, of: TrainingVariant.noDBM.rawValue)
    guard !with.isEmpty, with.count == without.count else { return nil }
    let differences = zip(with, without).map { $0 - $1 }
    let mean = differences.reduce(0, +) / Double(differences.count)
    let better = differences.count { $0 > 0 }
    let change = String(format: "%+.4f", mean)
    let seeds = "\(better) of \(differences.count) seeds better"
    let isLarge = abs(mean) >= Self.leastEffect && differences.count > 1
    if isLarge, better == differences.count {
      return "With descriptions the frame AUC changes by \(change) (\(seeds)): they help here."
    }
    if isLarge, better == 0 {
      return
        "With descriptions the frame AUC changes by \(change) (\(seeds)): they do not help here."
    }
    return
      "With descriptions the frame AUC changes by \(change) (\(seeds)): no clear effect here."
  }

  /// The file in a workspace.
  public static func file(in workspace: Workspace) -> URL {
    workspace.reportFolder.appendingPathComponent("evaluation.json")
  }
}
