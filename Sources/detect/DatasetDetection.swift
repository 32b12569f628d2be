import CommandSupport
import Datasets
import Encoders
import Evaluation
import Foundation
import KeyEvents
import Pipeline
import Records
import Reports
import Training
import Video
import Workspaces

/// Scores a data set's split with every run of a training, evaluates and reports.
struct DatasetDetection {
  let command: RunCommand
  let interruption: Interruption

  /// One detector to run.
  private struct Detector {
    var id: String
    var variant: String
    var seed: UInt64
    var run: DetectionRun
  }

  func run() async throws {
    let start = ContinuousClock.now
    let (dataset, workspace) = try command.workspace.open(command.dataset)
    let split = command.split.name
    let videos = dataset.videos(split: split)
    guard !videos.isEmpty else {
      throw CommandError.notReady(
        subject: dataset.root.path, finding: "no videos in split '\(command.split.rawValue)'",
        remedy: "check --root and --split")
    }
    if command.evaluate { _ = try dataset.requiredAnnotations() }
    let detectors = try detectors(in: workspace)
    let stage = VisualFeatureStage(
      store: try detectors[0].run.store(
        command.visual.source(on: command.server), reporter: .console(),
        root: workspace.visualFeaturesRoot),
      jobs: command.jobs.jobs)
    if command.evaluate, stage.store.provenance.grouping == .time {
      throw CommandError.conflicting(
        options: "--evaluate and features grouped by time",
        remedy: "the annotation counts frames; use features grouped by frames")
    }
    let items = videos.map { (id: $0.id, path: $0.path) }
    Console.note(
      try BulkPlan.features(
        items, store: stage.store, jobs: command.jobs.jobs, command: "detect"
      ).line)
    let outcomes = stage.run(
      items, reporter: .console(), stop: interruption.stop)
    if interruption.isDraining { throw CommandExit.interrupted }

    let writer = DatasetEvaluation(workspace: workspace, dataset: dataset, split: split)
    var results: [EvaluationResult] = []
    var primary: [DetectionRun.Scored] = []
    for (place, detector) in detectors.enumerated() {
      try detector.run.checkpoint.requireVisualEncoder(
        ProvenanceLabel(stage.identity), pooling: stage.store.provenance.pooling)
      let scored = try detector.run.score(items, stage: stage, outcomes: outcomes)
      guard !scored.isEmpty else { throw CommandExit.unreadableInput }
      try writer.write(scored, run: detector.id)
      if command.evaluate { results.append(try writer.evaluate(scored, run: detector.id)) }
      if place == 0 { primary = scored }
    }
    let failed = outcomes.values.count(where: \.isFailure)
    try StageLog.write(
      StageRecord(
        stage: "detect", isBuiltIn: false,
        used: detectors.count == 1 ? detectors[0].id : "\(detectors.count) runs",
        items: primary.count, itemName: "videos", failed: failed,
        seconds: (ContinuousClock.now - start) / .seconds(1)), to: workspace)
    let summary = try results.first.map { first in
      let summary = EvaluationSummary(
        dataset: dataset.descriptor.name, split: split, videos: first.videoCount,
        frames: first.frameCount, positiveFrames: first.positiveFrameCount,
        runs: zip(detectors, results).map { detector, result in
          EvaluationSummary.Run(
            id: detector.id, variant: detector.variant, seed: detector.seed,
            areaUnderROC: result.areaUnderROC.value,
            averagePrecision: result.averagePrecision.value)
        })
      try JSONRecord.write(summary, to: EvaluationSummary.file(in: workspace))
      return summary
    }
    let page = try report(
      primary, detector: detectors[0].id, dataset: dataset, workspace: workspace,
      summary: summary, result: results.first)
    try show(primary, summary: summary, page: page, workspace: workspace)
    if failed > 0 { throw CommandExit.someItemsFailed }
  }

  /// The runs of the newest training, or the checkpoint that is named.
  private func detectors(in workspace: Workspace) throws -> [Detector] {
    if let file = command.checkpoint {
      let url = URL(fileURLWithPath: file)
      let run = try DetectionRun(checkpoint: url)
      let record = run.checkpoint.record
      let folder = url.deletingLastPathComponent().lastPathComponent
      return [
        Detector(
          id: folder.isEmpty ? "checkpoint" : folder,
          variant: record.configuration.usesDBM
            ? TrainingVariant.dbvad.rawValue : TrainingVariant.noDBM.rawValue,
          seed: record.seed, run: run)
      ]
    }
    return try RunRecord.newestGroup(in: workspace).map { record in
      Detector(
        id: record.id, variant: record.variant, seed: record.seed,
        run: try DetectionRun(checkpoint: RunRecord.checkpoint(of: record.id, in: workspace)))
    }
  }

  private func report(
    _ scored: [DetectionRun.Scored], detector: String, dataset: Dataset, workspace: Workspace,
    summary: EvaluationSummary?, result: EvaluationResult?
  ) throws -> URL {
    let videos = Dictionary(
      dataset.videos.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
    let own = Dictionary(
      (result?.videos ?? []).map { ($0.id, $0.areaUnderROC) },
      uniquingKeysWith: { first, _ in first })
    let ledger = try workspace.openLedger()
    let builder = ReportBuilder(threshold: command.threshold)
    let cards = try scored.map { item in
      let selection = try selection(of: item, ledger: ledger, workspace: workspace)
      return builder.video(
        item, label: videos[item.id], events: dataset.annotations[item.id]?.events,
        keyFrames: selection, description: try description(of: item.id, ledger: ledger),
        areaUnderROC: own[item.id] ?? nil)
    }
    let prevalence = summary.map { Double($0.positiveFrames) / Double(max(1, $0.frames)) }
    var metrics: [ReportMetric] = []
    for variant in summary?.variants ?? [] {
      let name = TrainingVariant(rawValue: variant)?.spelledOut ?? variant
      for (metric, path, chance) in [
        ("Frame AUC", \EvaluationSummary.Run.areaUnderROC, 0.5),
        ("Frame AP", \EvaluationSummary.Run.averagePrecision, prevalence ?? 0),
      ] {
        let values = summary?.values(path, of: variant) ?? []
        if !values.isEmpty {
          metrics.append(
            ReportMetric(name: metric, variant: name, values: values, chance: chance))
        }
      }
    }
    let report = DetectionReport(
      title: "\(dataset.descriptor.title): \(command.split.rawValue) videos",
      dataset: dataset.descriptor.name, finding: summary?.finding,
      counts: ReportCounts(
        videos: scored.count, anomalousVideos: result?.anomalousVideoCount,
        frames: summary?.frames, positiveFrames: summary?.positiveFrames),
      metrics: metrics,
      notes: ["The curves are those of run \(detector).", dataset.descriptor.terms].compactMap {
        $0
      },
      stages: try StageLog.read(from: workspace).stages.map(ReportBuilder.stage),
      videos: cards)
    let page = workspace.reportFolder.appendingPathComponent("report.html")
    try report.write(to: workspace.reportFolder.appendingPathComponent("report.json"))
    try DetectionReportPage(report: report).write(to: page)
    return page
  }

  /// The key frames behind the video's description, as thumbnails; none where it
  /// was never described or the file has changed.
  private func selection(
    of item: DetectionRun.Scored, ledger: Ledger, workspace: Workspace
  ) throws -> [ReportKeyFrame] {
    guard let path = try ledger.describedSelection(videoID: item.id)?.recordPath else { return [] }
    let file = workspace.url(ofRelativePath: path)
    guard FileManager.default.fileExists(atPath: file.path) else { return [] }
    let record = try SelectionRecord.read(from: file)
    let frames = try VideoFrames.frames(at: record.frames.compactMap(\.frameIndex), of: item.path)
    return try ReportBuilder.keyFrames(frames, record: record)
  }

  private func description(of id: String, ledger: Ledger) throws -> ReportDescription? {
    guard let found = try ledger.description(videoID: id) else { return nil }
    return ReportDescription(
      text: found.text, describer: found.describer,
      implementation: found.describer.hasPrefix("builtin") ? .builtIn : .real)
  }

  private func show(
    _ scored: [DetectionRun.Scored], summary: EvaluationSummary?, page: URL, workspace: Workspace
  ) throws {
    if command.json {
      if let summary {
        Console.result(try JSONRecord.encode(summary))
      } else {
        Console.result(
          try JSONRecord.encode(
            Dictionary(
              scored.map { ($0.id, $0.scores.max() ?? 0) }, uniquingKeysWith: { first, _ in first })
          ))
      }
      return
    }
    if let summary {
      for line in summary.table.lines { Console.result(line) }
      Console.result(
        "\(summary.videos) videos, \(summary.frames) frames, \(summary.positiveFrames) in events")
      if let finding = summary.finding { Console.result(finding) }
    } else {
      Console.result("\(scored.count) videos scored: \(workspace.scoresFolder.path)")
    }
    Console.result("report: \(page.path)")
  }
}
