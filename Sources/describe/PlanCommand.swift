import ArgumentParser
import CommandSupport
import Datasets
import Descriptions
import Records
import Workspaces

struct PlanCommand: PipelineCommand {
  static let configuration = CommandConfiguration(
    commandName: "plan",
    abstract: "What a run would ask: requests, tokens and hours.",
    discussion: """
      Videos are measured by their containers' headers, image tokens by the model's rule. The \
      server is asked a few small questions about what the prompt's text costs, and a few whole \
      ones, at once, for its rate. Nothing is stored.

      \(CommandExit.help)
      """)

  @OptionGroup var dataset: DatasetOptions
  @OptionGroup var workspace: WorkspaceOptions
  @OptionGroup var choice: VideoChoiceOptions
  @OptionGroup var selection: SelectionCommandOptions
  @OptionGroup var describer: DescriberOptions

  @Option(help: ArgumentHelp("Measure the rate with so many requests at once.", valueName: "n"))
  var measure: Int = 4

  @Flag(help: "The plan as JSON.")
  var json = false

  func validate() throws {
    guard measure >= 1 else {
      throw ValidationError("--measure must be at least 1, found \(measure)")
    }
  }

  func execute() async throws {
    let (dataset, workspace) = try workspace.open(dataset)
    let videos = choice.videos(of: dataset)
    let resources = try self.dataset.resourceOptions.folders()
    let prompt = try PromptTemplate.load(describer.prompt, from: resources)
    let describer = try await self.describer.connect(resources: resources, prompt: prompt)
    let scorers = try selection.relevance.scorers(for: dataset, resources: resources)
    let source = KeyEventFrameSource(
      workspace: workspace, options: selection.options, scorer: { try scorers.scorer(for: $0) })
    let plan = try await DescribeRun(
      workspace: workspace, ledger: workspace.openLedger(), describer: describer, source: source,
      prompt: prompt, segmentSeconds: choice.segment
    ).planned(videos, frames: selection.options.frames, requestsAtOnce: measure)
    if json {
      Console.result(try JSONRecord.encode(plan))
    } else {
      Console.result(plan.line)
      if let advice = plan.advice { Console.note(advice) }
    }
  }
}
