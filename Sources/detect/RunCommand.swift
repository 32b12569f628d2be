import ArgumentParser
import CommandSupport
import Foundation
import Pipeline

struct RunCommand: PipelineCommand {
  static let configuration = CommandConfiguration(
    commandName: "run",
    abstract: "Scores single videos, or a data set's, and writes the report.",
    discussion: """
      Single videos: detect VIDEO... --checkpoint FILE writes scores (.npy), the curve (.svg), \
      detections.json and report.html into --out. A data set: detect --dataset NAME --split \
      test --evaluate scores every run of the newest training, writes scores/<run>/<id>.npy and \
      report/report.html into the workspace and prints frame AUC and AP. Scores come from the \
      video alone; descriptions are shown, not used.

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

  @Option(help: ArgumentHelp("From which score on a stretch counts as detected.", valueName: "s"))
  var threshold: Float = 0.5

  @Option(help: ArgumentHelp("The folder for the results of single videos.", valueName: "dir"))
  var out: String = "detections"

  @Flag(help: "The result as JSON.")
  var json = false

  func validate() throws {
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
      try await DatasetDetection(command: self, interruption: interruption).run()
    } else {
      guard dataset.dataset == nil, !evaluate else {
        throw CommandError.conflicting(
          options: "single videos and --dataset or --evaluate", remedy: "leave one of them out")
      }
      try await VideoDetection(command: self, interruption: interruption).run()
    }
  }

  /// The checkpoint for single videos: the one named, else the newest of the
  /// workspace.
  func checkpointFile() throws -> URL {
    if let checkpoint { return URL(fileURLWithPath: checkpoint) }
    let workspace = try workspace.open()
    let run = try RunRecord.newestGroup(in: workspace)[0]
    return RunRecord.checkpoint(of: run.id, in: workspace)
  }
}
