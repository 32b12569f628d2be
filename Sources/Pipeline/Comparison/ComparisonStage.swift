import Datasets
import Detectors
import Evaluation
import Foundation
import Records
import Workspaces

/// What a comparison came to.
public struct ComparisonOutcome: Sendable {
  public var comparison: ModelComparison
  /// The page; nil where no run has scores.
  public var page: URL?
}

/// Trains models on one workspace, scores a split with every run, and sets them side by side.
public struct ComparisonStage: Sendable {
  private let dataset: Dataset
  private let workspace: Workspace
  private let ledger: Ledger
  private let sources: TrainingSources
  private let options: ComparisonOptions
  private let registry: DetectorRegistry

  public init(
    dataset: Dataset, workspace: Workspace, ledger: Ledger, sources: TrainingSources,
    options: ComparisonOptions, registry: DetectorRegistry = .standard
  ) {
    self.dataset = dataset
    self.workspace = workspace
    self.ledger = ledger
    self.sources = sources
    self.options = options
    self.registry = registry
  }

  /// One run with its scores and all that is compared.
  struct Scored: Sendable {
    var id: String
    var run: EvaluationSummary.Run
    var result: EvaluationResult
    var videos: [ScoredVideo]
    var wereStored: Bool
    var parameters: Int
    var plan: DetectorPlan
    var areas: MetricResamples
    var precisions: MetricResamples
  }

  /// Trains what is not finished, scores what has no scores, and writes `report/compare.json`,
  /// `compare.csv` and `compare.html`. A run that fails is named in the result.
  ///
  /// - Returns: nil where it was stopped.
  /// - Throws: as `TrainingStage` and `DatasetDetection`, before anything is trained where the
  ///   split cannot be evaluated.
  public func run(reporter: StageReporter = .silent, stop: StopSignal = StopSignal()) throws
    -> ComparisonOutcome?
  {
    let training = try options.plan(in: registry)
    let videos = dataset.videos(split: options.split)
    guard !videos.isEmpty else {
      throw PipelineError.notReady(
        subject: dataset.root.path, finding: "no videos in split '\(options.split ?? "all")'",
        remedy: "check --root and the split's list")
    }
    _ = try dataset.requiredAnnotations()
    try AbsentVideos(of: dataset, split: options.split, videos: videos).check(
      allowed: training.allowsMissing, root: dataset.root.path, reporter: .silent)
    let summary = try TrainingStage(
      dataset: dataset, workspace: workspace, ledger: ledger, sources: sources, options: training,
      registry: registry
    ).run(reporter: reporter, stop: stop)
    guard !stop.isRequested else { return nil }

    var reasons: [String: String] = [:]
    var detectors: [RunScoring.Detector] = []
    for record in summary.runs.compactMap(\.record) {
      do {
        detectors.append(try .init(record, in: workspace, registry: registry))
      } catch {
        reasons[record.id] = "\(error)"
      }
    }
    var scored: [Scored] = []
    var absent: [String] = []
    if let first = detectors.first {
      guard
        let found = try score(
          detectors, first: first, videos: videos, reasons: &reasons, absent: &absent,
          reporter: reporter, stop: stop)
      else { return nil }
      scored = found
    }
    var comparison = ModelComparison(
      dataset: dataset.descriptor.name, split: options.split, summary: summary, scored: scored,
      reasons: reasons)
    comparison.absentVideos = absent.isEmpty ? nil : absent
    let page = try ComparisonPage(
      comparison: comparison, scored: scored, title: dataset.descriptor.title,
      terms: dataset.descriptor.terms
    ).write(to: workspace)
    return ComparisonOutcome(comparison: comparison, page: page)
  }

  /// Scores and evaluates; nil where it was stopped. A run that fails has a reason.
  private func score(
    _ detectors: [RunScoring.Detector], first: RunScoring.Detector, videos: [DatasetVideo],
    reasons: inout [String: String], absent: inout [String], reporter: StageReporter,
    stop: StopSignal
  ) throws -> [Scored]? {
    let stage = VisualFeatureStage(
      store: try first.detection.store(
        sources.visual.reading(with: dataset.views), reporter: reporter,
        root: workspace.visualFeaturesRoot),
      jobs: options.training.jobs, contentHash: ledger.contentHash(of:))
    guard stage.store.provenance.grouping != .time else {
      throw PipelineError.conflicting(
        subject: "a comparison and features grouped by time",
        remedy: "the annotation counts frames; use features grouped by frames")
    }
    let outcomes = stage.run(
      videos.map { ($0.id, $0.path) }, reporter: reporter, stop: stop)
    guard !stop.isRequested else { return nil }
    let missing = AbsentVideos(
      of: dataset, split: options.split, videos: videos, outcomes: outcomes)
    try missing.check(
      allowed: options.training.allowsMissing, root: dataset.root.path, reporter: reporter)
    absent = missing.names

    let scoring = RunScoring(
      dataset: dataset, workspace: workspace, split: options.split, videos: videos, stage: stage,
      outcomes: outcomes)
    reporter.begin("scores", total: detectors.count, itemName: "runs")
    var folders: [(detector: RunScoring.Detector, folder: ScoreFolder, wasStored: Bool)] = []
    for detector in detectors {
      guard !stop.isRequested else { return nil }
      do {
        let (folder, wasStored) = try scoring.scores(
          of: detector, reusing: !options.training.isFresh)
        folders.append((detector, folder, wasStored))
        reporter.advance()
      } catch {
        reasons[detector.summary.id] = "\(error)"
        reporter.advance(failed: true)
      }
    }
    reporter.end()
    reporter.begin("evaluation", total: folders.count, itemName: "runs")
    let results = Parallel.map(folders, jobs: options.training.jobs, until: stop) {
      item -> Result<Scored, any Error> in
      defer { reporter.advance() }
      return Result { try Self.evaluate(item.detector, item.folder, item.wasStored, by: scoring) }
    }
    reporter.end(needsSummary: false)
    guard !stop.isRequested else { return nil }
    return zip(folders, results).compactMap { item, result in
      do {
        return try result?.get()
      } catch {
        reasons[item.detector.summary.id] = "\(error)"
        return nil
      }
    }
  }

  private static func evaluate(
    _ detector: RunScoring.Detector, _ folder: ScoreFolder, _ wasStored: Bool,
    by scoring: RunScoring
  ) throws -> Scored {
    let (run, result) = try scoring.evaluate(folder, of: detector)
    let bootstrap = try VideoBootstrap(folder.videos)
    return Scored(
      id: run.id, run: run, result: result, videos: folder.videos, wereStored: wasStored,
      parameters: detector.detection.checkpoint.trainedCount,
      plan: detector.detection.checkpoint.record.plan,
      areas: bootstrap.resamples(of: AreaUnderROC.compute),
      precisions: bootstrap.resamples(of: AveragePrecision.compute))
  }
}
