import Evaluation
import Foundation
import Records
import Workspaces

/// How the runs of one training do on one split: `report/evaluation.json`.
public struct EvaluationSummary: Codable, Sendable, Equatable {
  /// The format that this version writes and reads.
  public static let currentFormat = 2

  /// One run's figures.
  public struct Run: Codable, Sendable, Equatable {
    public var id: String
    /// Model and ablations.
    public var variant: String
    /// The variant in words.
    public var label: String
    public var seed: UInt64
    public var usesDescriptions: Bool
    /// `TestCrops.name` where other crops than the listed one score a video.
    public var testCrops: String?
    /// Nil where the metric is not defined; the run's own evaluation says why.
    public var areaUnderROC: Double?
    public var averagePrecision: Double?
    /// The same by 1 minus the normal class's score (AUC2 and AP2 of VadCLIP); nil for a detector
    /// without class scores.
    public var classAreaUnderROC: Double?
    public var classAveragePrecision: Double?
    /// mAP@IoU; nil for a detector without class scores, and where `segmentsReason` says why.
    public var segments: SegmentResult?
    public var segmentsReason: String?
    /// What alarms at the run's threshold do on these videos; nil in summaries of earlier
    /// versions.
    public var alarms: OperatingPoint?
    /// The share of normal videos with a false alarm that the threshold was set for, and the
    /// number of held-out normal videos behind it; nil for a threshold that was not calibrated.
    public var falseAlarmRate: Double?
    public var calibrationVideos: Int?
    /// How much of what was learned counts beside the features' own score (`LearnedShare`);
    /// nil for features without one.
    public var learnedShare: Double?

    public init(
      id: String, variant: String, label: String, seed: UInt64, usesDescriptions: Bool,
      areaUnderROC: Double?, averagePrecision: Double?
    ) {
      self.id = id
      self.variant = variant
      self.label = label
      self.seed = seed
      self.usesDescriptions = usesDescriptions
      self.areaUnderROC = areaUnderROC
      self.averagePrecision = averagePrecision
    }
  }

  /// Two variants on the same videos.
  public struct Comparison: Codable, Sendable, Equatable {
    /// What is compared with the base: their variants.
    public var variant: String
    public var base: String
    /// The mean frame AUC over the seeds of `variant`, minus that of `base`.
    public var difference: Double
    /// Of the difference, by resampling videos alike for all runs.
    public var interval: ConfidenceInterval?
    /// The seeds that both have, and at how many of them `variant` is better.
    public var seeds: Int
    public var betterSeeds: Int
    /// The comparison as a sentence.
    public var sentence: String
  }

  public var format = Self.currentFormat
  public var dataset: String
  public var split: String?
  public var videos: Int
  public var frames: Int
  public var positiveFrames: Int
  public var runs: [Run]
  public var comparisons: [Comparison]
  /// Listed videos without a file or features that were left out; nil if there are none.
  public var absentVideos: [String]?

  /// The figures of runs on the same videos.
  ///
  /// - Parameter evaluated: each run with its evaluation and its scored videos.
  /// - Throws: `EvaluationError`, naming the video.
  public init(
    dataset: String, split: String?,
    evaluated: [(run: Run, result: EvaluationResult, videos: [ScoredVideo])],
    absentVideos: [String] = []
  ) throws {
    self.absentVideos = absentVideos.isEmpty ? nil : absentVideos
    self.dataset = dataset
    self.split = split
    let first = evaluated.first?.result
    videos = first?.videoCount ?? 0
    frames = first?.frameCount ?? 0
    positiveFrames = first?.positiveFrameCount ?? 0
    runs = evaluated.map { item in
      var run = item.run
      run.areaUnderROC = item.result.areaUnderROC.value
      run.averagePrecision = item.result.averagePrecision.value
      run.classAreaUnderROC = item.result.classScores?.areaUnderROC.value
      run.classAveragePrecision = item.result.classScores?.averagePrecision.value
      run.segments = item.result.segments
      run.segmentsReason = item.result.segmentsReason
      return run
    }
    comparisons = []
    let order = variants
    guard let base = order.first, order.count > 1 else { return }
    let bootstraps = try evaluated.map { ($0.run.variant, try VideoBootstrap($0.videos)) }
    comparisons = order.dropFirst().compactMap { other in
      // "With descriptions" is said of the side that has them.
      let isTurned = usesDescriptions(base) && !usesDescriptions(other)
      return comparison(
        of: isTurned ? base : other, with: isTurned ? other : base, bootstraps: bootstraps)
    }
  }

  /// The variants in the order of their first runs.
  public var variants: [String] {
    var seen: [String] = []
    for run in runs where !seen.contains(run.variant) { seen.append(run.variant) }
    return seen
  }

  /// A variant in words.
  public func label(of variant: String) -> String {
    runs.first { $0.variant == variant }?.label ?? variant
  }

  private func usesDescriptions(_ variant: String) -> Bool {
    runs.first { $0.variant == variant }?.usesDescriptions ?? false
  }

  /// The values of one metric over a variant's seeds.
  public func values(_ metric: KeyPath<Run, Double?>, of variant: String) -> [Double] {
    runs.filter { $0.variant == variant }.compactMap { $0[keyPath: metric] }
  }

  /// Mean and, with more than one seed, sample standard deviation: `0.8765 ± 0.0123`.
  public static func meanAndSpread(_ values: [Double], digits: Int = 4) -> String {
    guard !values.isEmpty else { return "not defined" }
    let mean = values.reduce(0, +) / Double(values.count)
    guard values.count > 1 else { return String(format: "%.*f", digits, mean) }
    let variance =
      values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count - 1)
    return String(format: "%.*f ± %.*f", digits, mean, digits, variance.squareRoot())
  }

  /// The figures as rows of a table. Detectors with class scores have a second row, by them.
  public var rows: [[String]] {
    variants.flatMap { variant -> [[String]] in
      func row(
        _ scores: String, _ area: KeyPath<Run, Double?>, _ precision: KeyPath<Run, Double?>
      ) -> [String] {
        [label(of: variant)] + (hasClassScores ? [scores] : []) + [
          "\(runs.count { $0.variant == variant })",
          Self.meanAndSpread(values(area, of: variant)),
          Self.meanAndSpread(values(precision, of: variant)),
        ]
      }
      let binary = row("binary", \.areaUnderROC, \.averagePrecision)
      guard !values(\.classAreaUnderROC, of: variant).isEmpty else { return [binary] }
      return [binary, row("class", \.classAreaUnderROC, \.classAveragePrecision)]
    }
  }

  /// The titles over `rows`.
  public var rowTitles: [String] {
    ["variant"] + (hasClassScores ? ["scores"] : []) + ["seeds", "frame AUC", "frame AP"]
  }

  private var hasClassScores: Bool { runs.contains { $0.classAreaUnderROC != nil } }

  /// What the comparisons came to, one sentence each; nil without any.
  public var finding: String? {
    comparisons.isEmpty ? nil : comparisons.map(\.sentence).joined(separator: " ")
  }

  /// The least mean change of frame AUC that is called an effect.
  static let leastEffect = 0.01

  /// An effect is a mean change of at least 0.01 whose 95% interval over resampled videos
  /// leaves out 0, and which has the same sign at every seed, of at least two.
  private func comparison(
    of variant: String, with base: String, bootstraps: [(variant: String, VideoBootstrap)]
  ) -> Comparison? {
    func areas(_ name: String) -> [UInt64: Double] {
      Dictionary(
        runs.filter { $0.variant == name }.compactMap { run in
          run.areaUnderROC.map { (run.seed, $0) }
        }, uniquingKeysWith: { first, _ in first })
    }
    let (own, other) = (areas(variant), areas(base))
    let seeds = own.keys.filter { other[$0] != nil }
    guard !seeds.isEmpty else { return nil }
    let differences = seeds.compactMap { seed in
      own[seed].flatMap { a in other[seed].map { a - $0 } }
    }
    let mean = differences.reduce(0, +) / Double(differences.count)
    let better = differences.count { $0 > 0 }
    let interval = VideoBootstrap.pairedDifference(
      bootstraps.filter { $0.variant == base }.map(\.1),
      bootstraps.filter { $0.variant == variant }.map(\.1), of: AreaUnderROC.compute)
    let isDescriptions = usesDescriptions(variant) && !usesDescriptions(base)
    var sentence =
      isDescriptions
      ? "With descriptions the frame AUC changes by "
      : "\(label(of: variant)) against \(label(of: base)): the frame AUC changes by "
    sentence += String(format: "%+.4f", mean)
    let counted = "\(better) of \(differences.count) seeds better"
    if let interval {
      sentence += String(
        format: " (95%% interval over videos %+.4f to %+.4f, ", interval.lower, interval.upper)
      sentence += "\(counted)): "
    } else {
      sentence += " (\(counted)): "
    }
    let isClear =
      abs(mean) >= Self.leastEffect && differences.count > 1
      && interval.map { $0.lower > 0 || $0.upper < 0 } ?? false
    if isClear, better == differences.count {
      sentence += isDescriptions ? "they help here." : "better here."
    } else if isClear, better == 0 {
      sentence += isDescriptions ? "they do not help here." : "worse here."
    } else {
      sentence += "no clear effect here."
    }
    return Comparison(
      variant: variant, base: base, difference: mean, interval: interval,
      seeds: differences.count, betterSeeds: better, sentence: sentence)
  }

  /// The file in a workspace.
  public static func file(in workspace: Workspace) -> URL {
    workspace.reportFolder.appendingPathComponent("evaluation.json")
  }
}
