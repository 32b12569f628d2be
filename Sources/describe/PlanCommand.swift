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
  @OptionGroup var selection: SelectionCommandOptions
  @OptionGroup var describer: DescriberOptions

  @Option(
    help: ArgumentHelp(
      "The prompt: a name in Prompts/ or a .mustache file.", valueName: "name|file"))
  var prompt: String = PromptTemplate.defaultName

  @Option(help: "Only this split: train, test or all.")
  var split: String = "train"

  @Option(help: ArgumentHelp("At most so many videos.", valueName: "n"))
  var limit: Int?

  @Option(
    help: ArgumentHelp(
      "Only the i-th of n parts, for one machine of n; each has its own workspace.",
      valueName: "i/n"))
  var shard: DatasetShard?

  @Option(help: ArgumentHelp("Measure the rate with so many requests at once.", valueName: "n"))
  var measure: Int = 4

  @Flag(help: "The plan as JSON.")
  var json = false

  func validate() throws {
    guard ["train", "test", "all"].contains(split) else {
      throw ValidationError("--split must be train, test or all, found '\(split)'")
    }
    guard measure >= 1 else {
      throw ValidationError("--measure must be at least 1, found \(measure)")
    }
  }

  func execute() async throws {
    let (dataset, workspace) = try workspace.open(dataset)
    var videos = dataset.videos(split: split == "all" ? nil : split)
    if let shard { videos = videos.filter { shard.contains($0.id) } }
    if let limit { videos = Array(videos.prefix(limit)) }
    let resources = try self.dataset.resourceOptions.folders()
    let prompt = try PromptTemplate.load(prompt, from: resources)
    let describer = try await self.describer.connect(resources: resources, prompt: prompt)
    let scorers = try selection.relevance.scorers(for: dataset, resources: resources)
    let source = KeyEventFrameSource(
      workspace: workspace, options: selection.options, scorer: { try scorers.scorer(for: $0) })
    let plan = try await DescribeRun(
      workspace: workspace, ledger: workspace.openLedger(), describer: describer, source: source,
      prompt: prompt
    ).planned(videos, frames: selection.options.frames, requestsAtOnce: measure)
    if json {
      Console.result(try JSONRecord.encode(plan))
    } else {
      Console.result(plan.line)
    }
  }
}
