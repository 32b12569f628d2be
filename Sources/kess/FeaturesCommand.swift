import ArgumentParser
import CommandSupport
import Datasets
import Encoders
import Foundation
import Records
import Workspaces

struct FeaturesCommand: PipelineCommand {
  static let configuration = CommandConfiguration(
    commandName: "features",
    abstract: "Snippet features: one row for each 16 frames.",
    discussion: """
      For a data set they go to the workspace's features/visual/<key>/, where train-dbm and \
      detect find them; for single videos to --out. One .npy a video, float32 \
      [snippets, width]. What is there already is kept.

      \(CommandExit.help)
      """)

  @Argument(help: "Videos, when no data set is named.")
  var videos: [String] = []

  @OptionGroup var dataset: DatasetOptions
  @OptionGroup var workspace: WorkspaceOptions
  @OptionGroup var visual: VisualOptions
  @OptionGroup var jobs: JobOptions

  @Option(help: "Only this split of the data set.")
  var split: String?

  @Option(help: ArgumentHelp("The folder for the features of single videos.", valueName: "dir"))
  var out: String = "features"

  @Flag(help: "The result as JSON.")
  var json = false

  private struct Line: Encodable {
    let video: String
    let snippets: Int
    let frames: Int
    let framesPerSecond: Double
    let cached: Bool
  }

  func execute() async throws {
    let root: URL
    let items: [(id: String, path: String)]
    var opened: Workspace?
    if dataset.dataset != nil {
      guard videos.isEmpty else {
        throw CommandError.conflicting(
          options: "--dataset and single videos", remedy: "leave one of them out")
      }
      let (dataset, space) = try workspace.open(dataset)
      opened = space
      root = space.root.appendingPathComponent("features/visual")
      items = dataset.videos(split: split).map { ($0.id, $0.path) }
    } else {
      root = URL(fileURLWithPath: out)
      items = NamedVideos.ids(of: videos)
    }
    guard !items.isEmpty else {
      throw CommandError.nothingToDo(command: "kess features", expected: "videos or --dataset")
    }
    let interruption = Interruption()
    interruption.listen()
    jobs.shareCores()
    let stage = VisualFeatureStage(
      store: try SnippetFeatureStore(root: root, encoder: visual.encoder()), jobs: jobs.jobs)
    let start = ContinuousClock.now
    let outcomes = stage.run(items, interruption: interruption)
    if let opened {
      try stage.log(outcomes, seconds: (ContinuousClock.now - start) / .seconds(1), to: opened)
    }
    try show(items.map { ($0.id, outcomes[$0.id]) }, stage: stage)
    if interruption.isDraining { throw CommandExit.interrupted }
    if outcomes.values.contains(where: \.isFailure) { throw CommandExit.someItemsFailed }
  }

  private func show(
    _ results: [(id: String, outcome: VisualFeatureStage.Outcome?)], stage: VisualFeatureStage
  ) throws {
    let lines = results.compactMap { item -> Line? in
      guard case .ready(_, let record, let wasCached)? = item.outcome else { return nil }
      return Line(
        video: item.id, snippets: record.snippetCount, frames: record.frameCount,
        framesPerSecond: record.frameRate, cached: wasCached)
    }
    if json {
      Console.result(try JSONRecord.encode(lines))
      return
    }
    var table = TextTable(["video", "snippets", "frames", "fps", "cached"])
    for line in lines {
      table.add([
        line.video, "\(line.snippets)", "\(line.frames)",
        String(format: "%.2f", line.framesPerSecond), line.cached ? "yes" : "no",
      ])
    }
    for line in table.lines { Console.result(line) }
    Console.result("\(stage.store.encoder.identity) in \(stage.store.folder.path)")
  }
}
