import ArgumentParser
import CommandSupport
import Encoders
import Pipeline
import Records

struct FeaturesPlanCommand: PipelineCommand {
  static let configuration = CommandConfiguration(
    commandName: "plan",
    abstract: "Says how many images 'kess features' would encode, how fast, and for how long.",
    discussion: """
      Takes the options of 'kess features' and makes nothing. Frames are counted by the \
      containers' headers; the rate is measured by encoding a few frames of these videos, all \
      jobs at once, without decoding.

      \(CommandExit.help)
      """)

  @OptionGroup var inputs: FeatureInputs

  @Flag(help: "The plan as JSON.")
  var json = false

  func execute() async throws {
    let items = try inputs.items()
    inputs.jobs.shareCores(among: items.videos.count)
    let plan = try BulkPlan.features(
      items.videos,
      store: inputs.store(
        root: items.root, encoder: inputs.visual.source().snippetEncoder(reporter: .console())),
      jobs: inputs.jobs.jobs)
    if json {
      Console.result(try JSONRecord.encode(plan))
    } else {
      Console.result(plan.line)
    }
  }
}
