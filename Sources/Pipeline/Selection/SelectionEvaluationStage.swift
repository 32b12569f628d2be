import Datasets
import Foundation
import KeyEvents
import Records
import SelectionReports
import Workspaces

/// Scores selection strategies on the annotated abnormal videos of a data set.
public struct SelectionEvaluationStage: Sendable {
  public struct Options: Sendable {
    /// The numbers of key frames to compare at. Videos are decoded once, for the largest.
    public var frames: [Int]
    public var strategies: [SelectionStrategy]
    public var parameters: SelectionParameters
    public var split: String
    /// The number of resamples of the videos for the intervals.
    public var resamples: Int
    public var seed: UInt64
    /// The number of videos processed at once.
    public var jobs: Int

    public init(
      frames: [Int] = [4, 8, 16], strategies: [SelectionStrategy] = SelectionStrategy.allCases,
      parameters: SelectionParameters = SelectionParameters(), split: String = "test",
      resamples: Int = 1000, seed: UInt64 = 0, jobs: Int = Parallel.cores
    ) {
      self.frames = frames
      self.strategies = strategies
      self.parameters = parameters
      self.split = split
      self.resamples = resamples
      self.seed = seed
      self.jobs = jobs
    }
  }

  public struct Result: Sendable {
    /// nil if every video failed.
    public var evaluation: SelectionEvaluation?
    /// The number of curves that an earlier run had stored.
    public var storedCurves: Int
    /// The failed videos' errors.
    public var failures: [String]
  }

  private let dataset: Dataset
  private let options: Options
  private let store: CurveStore
  private let annotations: [String: TemporalAnnotation]
  public let scorers: DatasetScorers
  /// The videos with annotated intervals.
  public let videos: [DatasetVideo]

  /// - Parameter scorers: makes the scorers; called after the annotations have been checked,
  ///   because it may load weights.
  /// - Throws: `DatasetError.annotationMissing`, `PipelineError.notReady` if no video of the
  ///   split has an annotated interval, and the errors of `scorers`.
  public init(
    dataset: Dataset, workspace: Workspace, options: Options = Options(),
    scorers: () throws -> DatasetScorers
  ) throws {
    let annotations = try dataset.requiredAnnotations()
    videos = dataset.videos(split: options.split).filter {
      !(annotations[$0.id]?.events ?? []).isEmpty
    }
    guard !videos.isEmpty else {
      throw PipelineError.notReady(
        subject: dataset.descriptor.name,
        finding: "no video of split '\(options.split)' has an annotated interval",
        remedy: "name another --split")
    }
    self.dataset = dataset
    self.scorers = try scorers()
    self.options = options
    self.annotations = annotations
    store = CurveStore(
      folder: workspace.root.appendingPathComponent("curves"),
      options: SelectionOptions(frames: options.frames.max() ?? 1),
      fingerprint: try workspace.existingLedger().map { ledger in
        { @Sendable in try ledger.fingerprint(of: $0) }
      })
  }

  /// The amount of work, with the encoding's rate measured on the videos without a stored curve.
  public func plan() throws -> BulkPlan {
    let left = try videos.filter {
      !store.holds(
        id: $0.id, path: $0.path, view: $0.view, scorer: try scorers.scorer(for: $0))
    }
    return try .selection(
      left.map(\.path), frames: options.frames.max() ?? 1, encoder: scorers.imageEncoder,
      jobs: options.jobs, command: "evaluate", done: videos.count - left.count)
  }

  /// Scores the videos without a stored curve, and evaluates the strategies on all curves.
  ///
  /// - Throws: `CancellationError` after a stop; `PipelineError.notReady` if no annotated
  ///   interval lies within its video.
  public func run(reporter: StageReporter = .silent, stop: StopSignal = StopSignal()) throws
    -> Result
  {
    reporter.begin("evaluate", total: videos.count, itemName: "videos")
    let outcomes = Parallel.map(videos, jobs: options.jobs, until: stop) { video in
      let outcome = Swift.Result { try curve(of: video) }
      if case .failure = outcome {
        reporter.advance(failed: true)
      } else {
        reporter.advance()
      }
      return outcome
    }
    reporter.end()
    if stop.isRequested { throw CancellationError() }
    var curves: [AnnotatedCurve] = []
    var result = Result(storedCurves: 0, failures: [])
    for outcome in outcomes {
      switch outcome {
      case .success((let curve, let wasStored))?:
        // An interval beyond the last frame leaves nothing to find.
        if !curve.intervals.isEmpty { curves.append(curve) }
        if wasStored { result.storedCurves += 1 }
      case .failure(let error)?: result.failures.append("\(error)")
      case nil: continue
      }
    }
    guard !curves.isEmpty else {
      guard result.failures.isEmpty else { return result }
      throw PipelineError.notReady(
        subject: dataset.descriptor.name, finding: "no annotated interval lies within its video",
        remedy: "check that annotations and videos belong together: `describe doctor`")
    }
    result.evaluation = SelectionEvaluation(
      of: curves, strategies: options.strategies, frames: options.frames,
      parameters: options.parameters, resamples: options.resamples, seed: options.seed)
    return result
  }

  private func curve(of video: DatasetVideo) throws -> (AnnotatedCurve, wasStored: Bool) {
    let scored = try store.curve(
      id: video.id, path: video.path, view: video.view, scorer: scorers.scorer(for: video))
    let curve = AnnotatedCurve(
      id: video.id, className: video.classNames?.joined(separator: " ") ?? "",
      curve: scored.curve,
      intervals: AnnotatedPhases.intervals(
        ofFrames: annotations[video.id]?.events ?? [], frameRate: scored.frameRate,
        durationSeconds: scored.curve.durationSeconds))
    return (curve, scored.wasStored)
  }
}
