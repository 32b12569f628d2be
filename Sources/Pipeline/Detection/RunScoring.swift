import Datasets
import Detectors
import Evaluation
import Foundation
import Records
import Workspaces

/// Scores a data set's videos with one detector after the other, into `scores/<run>/`, and
/// evaluates them.
struct RunScoring {
  let dataset: Dataset
  let workspace: Workspace
  /// The split's name; nil for all videos.
  let split: String?
  let videos: [DatasetVideo]
  let stage: VisualFeatureStage
  /// Of the videos' features, by id.
  let outcomes: [String: VisualFeatureStage.Outcome]

  /// One detector to run.
  struct Detector {
    var summary: EvaluationSummary.Run
    var detection: DetectionRun
    var threshold: AlarmThreshold
    var crops = TestCrops.listed

    /// The same with other crops of features with `count` of them, as a variant of its own.
    func scoring(_ crops: TestCrops, of count: Int) -> Detector {
      var other = self
      other.crops = crops
      other.summary.id += crops.suffix
      other.summary.variant += crops.suffix
      other.summary.label += crops.words(count: count)
      other.summary.testCrops = crops == .listed ? nil : crops.name
      return other
    }

    /// - Parameters:
    ///   - id: the run's name.
    ///   - threshold: nil for the checkpoint's own.
    init(
      _ id: String, checkpoint url: URL, threshold given: Float? = nil, registry: DetectorRegistry
    )
      throws
    {
      detection = try DetectionRun(checkpoint: url, registry: registry)
      let plan = detection.checkpoint.record.plan
      summary = .init(
        id: id, variant: plan.variant, label: try registry.label(of: plan),
        seed: plan.training.seed, usesDescriptions: plan.usesDescriptions, areaUnderROC: nil,
        averagePrecision: nil)
      threshold = AlarmThreshold(given: given, record: detection.checkpoint.record)
    }

    /// The detector of a finished run.
    init(
      _ run: RunRecord, in workspace: Workspace, threshold: Float? = nil, registry: DetectorRegistry
    )
      throws
    {
      try self.init(
        run.id, checkpoint: RunRecord.checkpoint(of: run.id, in: workspace), threshold: threshold,
        registry: registry)
    }
  }

  /// Scores the videos that have features and writes the folder.
  ///
  /// - Parameter reusing: whether scores of the same checkpoint, features and labels are read
  ///   instead of computed again.
  /// - Throws: `PipelineError` where no video has features, and what scoring throws.
  func scores(of detector: Detector, reusing: Bool = false) throws -> (
    folder: ScoreFolder, wasStored: Bool
  ) {
    let place = workspace.scoresFolder.appendingPathComponent(detector.summary.id)
    let source = try source(of: detector)
    if reusing, let kept = try? ScoreFolder(reading: place), kept.source == source,
      kept.split == split
    {
      return (kept, true)
    }
    let labels = Dictionary(videos.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
    let scored = try detector.detection.score(
      videos.map { ($0.id, $0.path) }, stage: stage, outcomes: outcomes, crops: detector.crops
    ).map { labelled($0, by: labels[$0.id]) }
    guard !scored.isEmpty else {
      throw PipelineError.notReady(
        subject: dataset.root.path, finding: "none of \(videos.count) videos has features",
        remedy: "see the failures above")
    }
    let classes = scored[0].classScores == nil ? ScoredClasses() : classes(of: detector)
    let folder = ScoreFolder(
      run: detector.summary.id, dataset: dataset.descriptor.name, split: split,
      classes: classes.names, normalClass: classes.normal,
      legacyTruth: classes.names.isEmpty ? LegacyTruth() : LegacyTruth(dataset.descriptor),
      testCrops: detector.summary.testCrops, source: source, videos: scored)
    try folder.write(to: place)
    return (folder, false)
  }

  /// Evaluates a folder's scores, keeps the result, and completes the run's figures.
  ///
  /// - Throws: `EvaluationError`, naming the video.
  func evaluate(_ folder: ScoreFolder, of detector: Detector) throws -> (
    run: EvaluationSummary.Run, result: EvaluationResult
  ) {
    let result = try folder.evaluate()
    try JSONRecord.write(result, to: evaluationFile(of: detector.summary.id))
    var run = detector.summary
    run.alarms = try OperatingPoint(folder.videos, threshold: detector.threshold.value)
    run.falseAlarmRate = detector.threshold.falseAlarmRate
    run.calibrationVideos = detector.threshold.calibration?.normalVideos
    run.learnedShare = detector.detection.checkpoint.record.calibration?.learnedShare
    return (run, result)
  }

  /// What the columns of a detector's class scores stand for.
  func classes(of detector: Detector) -> ScoredClasses {
    ScoredClasses(detector.detection.classes, of: dataset.descriptor)
  }

  private func labelled(_ video: ScoredVideo, by label: DatasetVideo?) -> ScoredVideo {
    var video = video
    video.classNames = label?.classNames ?? []
    video.isAnomalous = label?.isAnomalous
    video.events = dataset.annotations[video.id]?.events
    if video.isAnomalous == true {
      video.classEvents = dataset.classEvents[video.id]?.map {
        ClassEvent(className: $0.className, frames: $0.frames)
      }
    }
    return video
  }

  /// Beside the run, or beside its scores where it is of another workspace.
  private func evaluationFile(of run: String) -> URL {
    let folder = workspace.runFolder(run)
    let isHere = FileManager.default.fileExists(atPath: folder.path)
    return (isHere ? folder : workspace.scoresFolder.appendingPathComponent(run))
      .appendingPathComponent("evaluation.json")
  }

  /// Names all that a folder's scores and labels come of: the checkpoint, the features, the
  /// annotation, the program.
  private func source(of detector: Detector) throws -> String {
    var hash = ContentHash()
    hash.update(SoftwareVersions.kess)
    hash.update(FileState.text(of: detector.detection.checkpoint.url.path))
    hash.update("\(stage.store.key) \(detector.crops.name)")
    for video in videos {
      let record = outcomes[video.id]?.record
      hash.update("\(video.id) \(video.classNames ?? []) \(String(describing: video.isAnomalous))")
      hash.update("\(String(describing: dataset.annotations[video.id]?.events))")
      hash.update("\(String(describing: dataset.classEvents[video.id]))")
      hash.update(
        "\(record?.frameCount ?? 0) \(record?.frameRate ?? 0) "
          + "\(record?.testCrop ?? record?.crops.first ?? -1)")
      hash.update(
        FileState.text(of: stage.store.folder.appendingPathComponent("\(video.id).json").path))
    }
    hash.update("\(dataset.descriptor.classes) \(LegacyTruth(dataset.descriptor))")
    return hash.finalize()
  }
}

/// The size and time of a file, which tell whether it is the one from before.
enum FileState {
  static func text(of path: String) -> String {
    var status = stat()
    guard stat(path, &status) == 0 else { return "\(path) is missing" }
    return "\(path) \(status.st_size) \(status.st_mtim.tv_sec).\(status.st_mtim.tv_nsec)"
  }
}
