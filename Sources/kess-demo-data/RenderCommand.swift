import ArgumentParser
import CommandSupport
import DemoData
import Foundation
import Records

/// Renders synthetic clips: what `kess demo-data` does by default.
struct RenderCommand: PipelineCommand {
  static let configuration = CommandConfiguration(
    commandName: "render",
    abstract: "Renders a labelled data set of surveillance-like clips: synthetic, seeded.",
    discussion: """
      Fixed cameras, people and vehicles, day and night; fighting, explosions, road accidents, \
      robbery and vandalism among normal life. H.264 at 320x240 with lists and temporal \
      annotation in UCF-Crime's own formats. The same seed gives the same files. The clips are \
      not real: results on them show that the pipeline works, not how good a method is.

      \(CommandExit.help)
      """)

  @Option(help: ArgumentHelp("The folder to fill.", valueName: "dir"))
  var out: String = "demo/data"

  @Option(help: ArgumentHelp("The seed; each gives a different data set.", valueName: "n"))
  var seed: UInt64 = 7

  @Option(help: ArgumentHelp("The number of clips.", valueName: "n"))
  var clips: Int = DemoDataset.defaultClipCount

  @OptionGroup var jobs: JobOptions

  @Flag(help: "The summary as JSON.")
  var json = false

  func execute() async throws {
    let progress = ProgressLine("demo-data", total: clips)
    let summary = try DemoDataset.render(
      to: URL(fileURLWithPath: out), seed: seed, clips: clips, jobs: jobs.jobs
    ) { _ in progress.advance() }
    progress.finish()
    if json {
      Console.result(try JSONRecord.encode(summary))
      return
    }
    Console.result(
      "\(summary.trainingClips) training and \(summary.testClips) test clips, "
        + "\(summary.frames) frames, seed \(seed), in \(out)")
  }
}
