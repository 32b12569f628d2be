import Datasets
import Descriptions
import Detectors
import Encoders
import Evaluation
import Foundation
import KeyEvents
import Records
import Reports
import Training
import Video
import Workspaces

/// What a data set is scored with and for.
public struct DatasetDetectionOptions: Sendable {
  /// The split's name; nil for all videos.
  public var split: String?
  /// Compares with the temporal annotation.
  public var evaluates: Bool
  /// From which score on a stretch counts as detected; nil for each checkpoint's own.
  public var threshold: Float?
  /// A checkpoint; nil for the runs of the newest training.
  public var checkpoint: URL?
  public var visual: VisualFeatureSource
  public var jobs: Int
  /// Whether an evaluation leaves out listed videos without a file or features.
  public var allowsMissing: Bool
  /// Which crops score a video, each choice as a variant of its own.
  public var crops: [TestCrops]
  /// Whether scores of the same checkpoint, features and labels are read again.
  public var reusesScores = false

  public init(
    split: String? = "test", evaluates: Bool = false, threshold: Float? = nil,
    checkpoint: URL? = nil, visual: VisualFeatureSource = VisualFeatureSource(),
    jobs: Int = Parallel.cores, allowsMissing: Bool = false, crops: [TestCrops] = [.listed]
  ) {
    self.split = split
    self.evaluates = evaluates
    self.threshold = threshold
    self.checkpoint = checkpoint
    self.visual = visual
    self.jobs = jobs
    self.allowsMissing = allowsMissing
    self.crops = crops
  }
}

/// What scoring a data set came to.
public struct DatasetDetectionResult: Sendable {
  /// The scores of the first run.
  public var videos: [ScoredVideo]
  /// Videos without scores.
  public var failedCount: Int
  /// Nil without an evaluation.
  public var summary: EvaluationSummary?
  public var page: URL
}

/// Scores a data set's split with every run of a training, evaluates and reports.
public struct DatasetDetection: Sendable {
  private let dataset: Dataset
  private let workspace: Workspace
  private let options: DatasetDetectionOptions
  private let registry: DetectorRegistry

  public init(
    dataset: Dataset, workspace: Workspace, options: DatasetDetectionOptions,
    registry: DetectorRegistry = .standard
  ) {
    self.dataset = dataset
    self.workspace = workspace
    self.options = options
    self.registry = registry
  }

  /// Writes `scores/<run>/`, `runs/<run>/evaluation.json` and the report.
  ///
  /// - Returns: nil where it was stopped.
  /// - Throws: `PipelineError` where videos, features or a training are missing,
  ///   `DatasetError.annotationMissing`, `TrainingError`, `EvaluationError`.
  public func run(reporter: StageReporter = .silent, stop: StopSignal = StopSignal()) throws
    -> DatasetDetectionResult?
  {
    let start = ContinuousClock.now
    let videos = dataset.videos(split: options.split)
    guard !videos.isEmpty else {
      throw PipelineError.notReady(
        subject: dataset.root.path, finding: "no videos in split '\(options.split ?? "all")'",
        remedy: "check --root and --split")
    }
    if options.evaluates {
      _ = try dataset.requiredAnnotations()
      try AbsentVideos(of: dataset, split: options.split, videos: videos).check(
        allowed: options.allowsMissing, root: dataset.root.path, reporter: .silent)
    }
    let trained = try detectors()
    let ledger = try workspace.openLedger()
    let stage = VisualFeatureStage(
      store: try trained[0].detection.store(
        options.visual.reading(with: dataset.views), crops: options.crops, reporter: reporter,
        root: workspace.visualFeaturesRoot),
      jobs: options.jobs, contentHash: ledger.contentHash(of:))
    let cropCount = stage.store.provenance.cropOrder.count
    let detectors = options.crops.flatMap { crops in
      trained.map { $0.scoring(crops, of: cropCount) }
    }
    if options.evaluates, stage.store.provenance.grouping == .time {
      throw PipelineError.conflicting(
        subject: "--evaluate and features grouped by time",
        remedy: "the annotation counts frames; use features grouped by frames")
    }
    let items = videos.map { (id: $0.id, path: $0.path) }
    reporter.note(
      try BulkPlan.features(
        items, store: stage.store, jobs: options.jobs, command: "detect",
        contentHash: ledger.contentHash(of:)
      ).line)
    let outcomes = stage.run(items, reporter: reporter, stop: stop)
    if stop.isRequested { return nil }
    let missing = AbsentVideos(
      of: dataset, split: options.split, videos: videos, outcomes: outcomes)
    if options.evaluates {
      try missing.check(
        allowed: options.allowsMissing, root: dataset.root.path, reporter: reporter)
    }

    let scoring = RunScoring(
      dataset: dataset, workspace: workspace, split: options.split, videos: videos, stage: stage,
      outcomes: outcomes)
    var evaluated: [(run: EvaluationSummary.Run, result: EvaluationResult, videos: [ScoredVideo])] =
      []
    var primary: [ScoredVideo] = []
    for (place, detector) in detectors.enumerated() {
      let folder = try scoring.scores(of: detector, reusing: options.reusesScores).folder
      if options.evaluates {
        let found = try scoring.evaluate(folder, of: detector)
        evaluated.append((found.run, found.result, folder.videos))
      }
      if place == 0 { primary = folder.videos }
    }
    // An evaluation names those that it was allowed to leave out.
    let failed = options.evaluates ? 0 : outcomes.values.count(where: \.isFailure)
    try StageLog.write(
      StageRecord(
        stage: "detect", isBuiltIn: false,
        used: detectors.count == 1 ? detectors[0].summary.id : "\(detectors.count) runs",
        items: primary.count, itemName: "videos", failed: failed,
        seconds: (ContinuousClock.now - start) / .seconds(1)), to: workspace)
    let summary =
      evaluated.isEmpty
      ? nil
      : try EvaluationSummary(
        dataset: dataset.descriptor.name, split: options.split, evaluated: evaluated,
        absentVideos: missing.names)
    if let summary { try JSONRecord.write(summary, to: EvaluationSummary.file(in: workspace)) }
    let page = try report(
      primary, detector: detectors[0], scoring: scoring, summary: summary,
      result: evaluated.first?.result, cropCount: cropCount, ledger: ledger)
    return DatasetDetectionResult(
      videos: primary, failedCount: failed, summary: summary, page: page)
  }

  /// The runs of the newest training, or the checkpoint that is named.
  private func detectors() throws -> [RunScoring.Detector] {
    if let url = options.checkpoint {
      let folder = url.deletingLastPathComponent().lastPathComponent
      return [
        try .init(
          folder.isEmpty ? "checkpoint" : folder, checkpoint: url, threshold: options.threshold,
          registry: registry)
      ]
    }
    return try RunRecord.newest(in: workspace).map {
      try .init($0, in: workspace, threshold: options.threshold, registry: registry)
    }
  }

  // MARK: - Report

  private func report(
    _ scored: [ScoredVideo], detector: RunScoring.Detector, scoring: RunScoring,
    summary: EvaluationSummary?, result: EvaluationResult?, cropCount: Int, ledger: Ledger
  ) throws -> URL {
    let own = Dictionary(
      (result?.videos ?? []).map { ($0.id, $0.areaUnderROC) },
      uniquingKeysWith: { first, _ in first })
    let labels = Dictionary(
      scoring.videos.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
    let builder = ReportBuilder(
      threshold: detector.threshold.value, classes: scoring.classes(of: detector))
    let cards = try scored.map { item in
      builder.video(
        item, split: labels[item.id]?.split,
        keyFrames: try keyFrames(of: item.id, video: labels[item.id], ledger: ledger),
        description: try description(of: item.id, ledger: ledger),
        areaUnderROC: own[item.id] ?? nil)
    }
    let report = DetectionReport(
      title: "\(dataset.descriptor.title): \(options.split ?? "all") videos",
      dataset: dataset.descriptor.name, finding: summary?.finding,
      counts: ReportCounts(
        videos: scored.count, anomalousVideos: result?.anomalousVideoCount,
        frames: summary?.frames, positiveFrames: summary?.positiveFrames),
      metrics: summary?.reportMetrics ?? [], tables: summary?.reportTables ?? [],
      notes: [
        "The curves are those of run \(detector.summary.id)"
          + "\(detector.crops.words(count: cropCount)).", detector.threshold.sentence,
        detector.detection.checkpoint.record.testSelection.map { "Warning: \($0.sentence)." },
      ].compactMap { $0 } + (summary?.alarmSentences ?? [])
        + [summary?.segmentReason, trainingNote, dataset.descriptor.terms].compactMap { $0 },
      stages: try StageLog.read(from: workspace).stages.map(ReportBuilder.stage),
      videos: cards)
    let page = workspace.reportFolder.appendingPathComponent("report.html")
    try report.write(to: workspace.reportFolder.appendingPathComponent("report.json"))
    try DetectionReportPage(report: report).write(to: page)
    return page
  }

  /// Where the losses of the training are, if its page is there.
  private var trainingNote: String? {
    let page = workspace.reportFolder.appendingPathComponent("training.html")
    return FileManager.default.fileExists(atPath: page.path)
      ? "The losses of the training are in training.html beside this page." : nil
  }

  /// The key frames behind the video's description, as thumbnails; none where it
  /// was never described or the file has changed.
  private func keyFrames(of id: String, video: DatasetVideo?, ledger: Ledger) throws
    -> [ReportKeyFrame]
  {
    guard let record = try ledger.describedSelection(videoID: id)?.recordPath else { return [] }
    let file = workspace.url(ofRelativePath: record)
    guard FileManager.default.fileExists(atPath: file.path) else { return [] }
    let selection = try SelectionRecord.read(from: file)
    if let kept = ReportBuilder.keyFrames(besideRecord: file, selection) { return kept }
    guard let video else { return [] }
    let frames = try VideoFrames.frames(
      at: selection.frames.compactMap(\.frameIndex), of: video.path, view: video.view)
    return try ReportBuilder.keyFrames(frames, record: selection)
  }

  private static func implementation(of kind: DescriberIdentity.Kind?)
    -> ReportStage.Implementation
  {
    switch kind {
    case .builtin: .builtIn
    case .imported: .imported
    case .openai, nil: .real
    }
  }

  private func description(of id: String, ledger: Ledger) throws -> ReportDescription? {
    guard let found = try ledger.description(videoID: id) else { return nil }
    let identity = DescriberIdentity(recorded: found.describer)
    return ReportDescription(
      text: found.text, describer: identity?.description ?? found.describer,
      implementation: Self.implementation(of: identity?.kind))
  }
}

extension DetectorRegistry {
  /// A plan in words: the family's title, and its ablations' names with what they leave out.
  func label(of plan: DetectorPlan) throws -> String {
    let family = try family(plan.model)
    let ablations = family.presets.filter { preset in
      !preset.isBase
        && (plan.presets.contains(preset.name)
          || plan.presets.isEmpty && plan.variant == "\(family.name)-\(preset.name)")
    }
    let chosen = plan.training.selection == .bestTest ? ["chosen on the test set"] : []
    return ([family.title] + ablations.map(\.summary) + chosen).joined(separator: ", ")
  }
}
