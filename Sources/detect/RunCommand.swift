import ArgumentParser
import CommandSupport
import Descriptions
import Foundation
import Pipeline
import Records
import Video
import Workspaces

struct RunCommand: PipelineCommand {
  static let configuration = CommandConfiguration(
    commandName: "run",
    abstract: "Scores single videos, or a data set's, and writes the report.",
    discussion: """
      Single videos: detect VIDEO... --checkpoint FILE writes scores (.npy), the curve (.svg), \
      detections.json and report.html into --out. A data set: detect --dataset NAME --split \
      test --evaluate scores every run of the newest training, writes scores/<run>/<id>.npy and \
      report/report.html into the workspace and prints frame AUC and AP, and mAP@IoU for \
      detectors that score classes. Scores come from the video alone; descriptions are shown, \
      not used.

      \(CommandExit.help)
      """)

  @Argument(help: "Videos.")
  var videos: [String] = []

  @OptionGroup var dataset: DatasetOptions
  @OptionGroup var workspace: WorkspaceOptions
  @OptionGroup var visual: VisualOptions
  @OptionGroup var server: EncoderServerOptions
  @OptionGroup var jobs: JobOptions

  @Option(
    help: ArgumentHelp(
      "A checkpoint of train-dbm. (default: the workspace's newest)", valueName: "file"))
  var checkpoint: String?

  @Option(help: "Only this split of the data set.")
  var split: VideoSplit = .test

  @Flag(help: "Compare with the temporal annotation: frame AUC and AP.")
  var evaluate = false

  @Flag(help: "With --evaluate, leave out listed videos without a file or features.")
  var allowMissing = false

  @Option(
    help: ArgumentHelp(
      "From which score on a stretch counts as detected. (default: the checkpoint's, set for "
        + "false alarms on 1 in 10 normal videos; 0.5 if it has none)", valueName: "s"))
  var threshold: Float?

  @Option(
    help: ArgumentHelp(
      "Which crops of a frame's features score a video: listed, the one that the data set's list "
        + "names or the centre; average, the mean of all crops' scores; or a crop's number. "
        + "Several, as in listed,average, are variants side by side.", valueName: "which"))
  var testCrops: String = "listed"

  @Option(help: ArgumentHelp("The folder for the results of single videos.", valueName: "dir"))
  var out: String = "detections"

  @Flag(help: "The result as JSON.")
  var json = false

  /// What `--test-crops` names, each once.
  private var crops: [TestCrops]? {
    let choices = testCrops.split(separator: ",").map { TestCrops(String($0)) }
    guard !choices.isEmpty, !choices.contains(nil), Set(choices).count == choices.count else {
      return nil
    }
    return choices.compactMap { $0 }
  }

  func validate() throws {
    guard let crops, videos.isEmpty || crops.count == 1 else {
      throw ValidationError(
        "--test-crops must be listed, average, a crop's number, or for a data set several with "
          + "commas between, found \(testCrops)")
    }
    guard let threshold else { return }
    guard (0...1).contains(threshold) else {
      throw ValidationError("--threshold must be from 0 to 1, found \(threshold)")
    }
  }

  func execute() async throws {
    let interruption = Interruption()
    interruption.listen()
    jobs.shareCores(among: videos.isEmpty ? jobs.jobs : videos.count)
    if videos.isEmpty {
      guard dataset.dataset != nil || workspace.workspace != nil || evaluate else {
        throw CommandError.nothingToDo(command: "detect", expected: "videos or --dataset")
      }
      try scoreDataset(interruption)
    } else {
      guard dataset.dataset == nil, !evaluate else {
        throw CommandError.conflicting(
          options: "single videos and --dataset or --evaluate", remedy: "leave one of them out")
      }
      try await scoreVideos(interruption)
    }
  }

  // MARK: - A data set

  private func scoreDataset(_ interruption: Interruption) throws {
    let (dataset, workspace) = try workspace.open(dataset)
    let result = try DatasetDetection(
      dataset: dataset, workspace: workspace,
      options: DatasetDetectionOptions(
        split: split.name, evaluates: evaluate, threshold: threshold,
        checkpoint: checkpoint.map { URL(fileURLWithPath: $0) },
        visual: visual.source(on: server), jobs: jobs.jobs, allowsMissing: allowMissing,
        crops: crops ?? [.listed])
    ).run(reporter: .console(), stop: interruption.stop)
    guard let result else { throw CommandExit.interrupted }
    try show(result, workspace: workspace)
    if result.failedCount > 0 { throw CommandExit.someItemsFailed }
  }

  private func show(_ result: DatasetDetectionResult, workspace: Workspace) throws {
    if json {
      if let summary = result.summary {
        Console.result(try JSONRecord.encode(summary))
      } else {
        Console.result(
          try JSONRecord.encode(
            Dictionary(
              result.videos.map { ($0.id, $0.scores.max() ?? 0) },
              uniquingKeysWith: { first, _ in first })))
      }
      return
    }
    if let summary = result.summary {
      SummaryCommand.show(summary)
    } else {
      Console.result("\(result.videos.count) videos scored: \(workspace.scoresFolder.path)")
    }
    Console.result("report: \(result.page.path)")
  }

  // MARK: - Single videos

  private func scoreVideos(_ interruption: Interruption) async throws {
    let out = URL(fileURLWithPath: out)
    let result = try await VideoDetection(
      DetectionRun(checkpoint: checkpointFile()), threshold: threshold, out: out,
      visual: visual.source(on: server).reading(with: VideoViews(dataset.viewOptions.view())),
      jobs: jobs.jobs, prompt: PromptTemplate.load(from: dataset.resourceOptions.folders()),
      crops: crops?.first ?? .listed
    ).run(videos, reporter: .console(), stop: interruption.stop)
    try show(result)
    if interruption.isDraining { throw CommandExit.interrupted }
    if result.detections.isEmpty { throw CommandExit.unreadableInput }
    if result.detections.count < videos.count { throw CommandExit.someItemsFailed }
  }

  /// The checkpoint for single videos: the one named, else the newest of the workspace.
  private func checkpointFile() throws -> URL {
    if let checkpoint { return URL(fileURLWithPath: checkpoint) }
    let workspace = try workspace.open()
    let run = try RunRecord.newest(in: workspace)[0]
    return RunRecord.checkpoint(of: run.id, in: workspace)
  }

  private func show(_ result: VideoDetection.Result) throws {
    if json {
      Console.result(try JSONRecord.encode(result.detections))
      return
    }
    let hasClasses = result.detections.contains { $0.classes != nil }
    var table = TextTable(
      ["video", "from s", "to s", "peak s", "score"] + (hasClasses ? ["class"] : []))
    for detection in result.detections {
      for interval in detection.intervals {
        table.add(
          [
            detection.video, String(format: "%.1f", interval.startSeconds),
            String(format: "%.1f", interval.endSeconds),
            String(format: "%.1f", interval.peakSeconds),
            String(format: "%.3f", interval.peakScore),
          ] + (hasClasses ? [interval.className ?? "-"] : []))
      }
      if detection.intervals.isEmpty {
        table.add(
          [detection.video, "-", "-", "-", String(format: "%.3f", detection.peakScore)]
            + (hasClasses ? ["-"] : []))
      }
    }
    for text in table.lines { Console.result(text) }
    if let page = result.page { Console.result("report: \(page.path)") }
  }
}
