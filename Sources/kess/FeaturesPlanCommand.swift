import ArgumentParser
import CommandSupport
import Encoders
import Pipeline
import Records

struct FeaturesPlanCommand: PipelineCommand {
  static let configuration = CommandConfiguration(
    commandName: "plan",
    abstract: "Estimates the images that 'kess features' would encode, their rate and the time.",
    discussion: """
      Takes the options of 'kess features' and writes nothing. The containers' headers give the \
      number of frames. The rate is measured by encoding a few frames of these videos, with all \
      jobs in parallel and without decoding.

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
        of: items, encoder: inputs.visual.source().snippetEncoder(reporter: .console())),
      jobs: inputs.jobs.jobs)
    if json {
      Console.result(try JSONRecord.encode(plan))
    } else {
      Console.result(plan.line)
    }
  }
}
