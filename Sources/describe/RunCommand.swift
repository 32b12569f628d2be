import ArgumentParser
import CommandSupport
import Datasets
import Descriptions
import Foundation
import HTTP
import KeyEvents
import Records
import Workspaces

struct RunCommand: PipelineCommand {
  static let configuration = CommandConfiguration(
    commandName: "run",
    abstract: "Selects key frames and describes every video that has no description yet.",
    discussion: """
      With a server: key frames go as JPEG in time order to /v1/chat/completions of --endpoint. \
      Nothing that names the video or its class is sent. Answers are kept in the workspace's \
      ledger and exported to descriptions.jsonl; a rerun asks only for what is missing, and the \
      first Ctrl-C stops after what is under way. Without a server the built-in describer writes \
      sentences of measured facts: a baseline that measures and does not understand.

      Key frames of training videos may be chosen by their label, those of other videos never.

      \(CommandExit.help)
      """)

  @OptionGroup var dataset: DatasetOptions
  @OptionGroup var workspace: WorkspaceOptions
  @OptionGroup var selection: SelectionCommandOptions

  @Option(help: "Who describes: a server, the built-in, or a server where one answers.")
  var describer: DescriberChoice = .auto

  @Option(
    help: ArgumentHelp(
      "The server's base URL. (default: KESS_ENDPOINT, or \(ServerEndpoint.defaultBase))",
      valueName: "url"))
  var endpoint: String?

  @Option(
    help: ArgumentHelp(
      "The served model's name. (default: the only one that is served)", valueName: "id"))
  var model: String?

  @Option(
    help: ArgumentHelp(
      "A file with the server's API key; else KESS_API_KEY or OPENAI_API_KEY.", valueName: "file"))
  var apiKeyFile: String?

  @Option(
    help: ArgumentHelp(
      "The prompt: a name in Prompts/ or a .mustache file.", valueName: "name|file"))
  var prompt: String = PromptTemplate.defaultName

  @Option(help: ArgumentHelp("The longest answer, in tokens.", valueName: "n"))
  var maxTokens: Int = SamplingParameters().maximumTokens

  @Option(help: "Only this split: train, test or all.")
  var split: String = "train"

  @Option(help: ArgumentHelp("At most so many videos.", valueName: "n"))
  var limit: Int?

  @Option(
    help: ArgumentHelp(
      "Only the i-th of n parts, for one machine of n; each has its own workspace.",
      valueName: "i/n"))
  var shard: DatasetShard?

  @Flag(help: "Only videos whose last try failed: what 'describe failed' lists.")
  var onlyFailed = false

  @Option(help: ArgumentHelp("Videos in work at once.", valueName: "n"))
  var jobs: Int = 4

  @Flag(help: "The summary as JSON.")
  var json = false

  func validate() throws {
    guard jobs >= 1 else { throw ValidationError("--jobs must be at least 1, found \(jobs)") }
    guard ["train", "test", "all"].contains(split) else {
      throw ValidationError("--split must be train, test or all, found '\(split)'")
    }
    guard maxTokens >= 1 else {
      throw ValidationError("--max-tokens must be at least 1, found \(maxTokens)")
    }
  }

  func execute() async throws {
    let (dataset, workspace) = try workspace.open(dataset)
    var videos = dataset.videos(split: split == "all" ? nil : split)
    if let shard { videos = videos.filter { shard.contains($0.id) } }
    let ledger = try workspace.openLedger()
    if onlyFailed {
      let failed = Set(try ledger.failures().map(\.videoID))
      videos = videos.filter { failed.contains($0.id) }
      guard !videos.isEmpty else {
        Console.note("nothing failed in split '\(split)'")
        return
      }
    }
    if let limit { videos = Array(videos.prefix(limit)) }
    guard !videos.isEmpty else {
      throw CommandError.notReady(
        subject: dataset.root.path, finding: "no videos in split '\(split)'",
        remedy: "check --root and --split")
    }
    let prompt = try PromptTemplate.load(
      prompt, from: self.dataset.resourceOptions.folders())
    let describer = try await DescriberOptions(
      choice: describer, endpoint: endpoint, model: model, apiKeyFile: apiKeyFile,
      maximumTokens: maxTokens
    ).connect()
    let scorers = try selection.relevance.scorers(
      for: dataset, resources: self.dataset.resourceOptions.folders())
    let source = KeyEventFrameSource(
      workspace: workspace, options: selection.options, scorer: { try scorers.scorer(for: $0) })
    Console.note(
      "describing \(videos.count) videos with \(describer.identity), frames by \(scorers.name)")

    let control = DescribeRunControl()
    let interruption = Interruption()
    interruption.onDrain { control.interrupt() }
    interruption.listen()
    let progress = ProgressLine("describe", total: videos.count)
    let summary = try await DescribeRun(
      workspace: workspace, ledger: ledger, describer: describer, source: source, prompt: prompt,
      jobs: jobs
    ).run(videos, control: control) { event in
      if case .failed(let reason) = event.outcome {
        Console.warning(reason)
        progress.advance(failed: true)
      } else {
        progress.advance()
      }
    }
    progress.finish()
    let described = try ledger.counts().describedVideos
    try StageLog.write(
      StageRecord(
        stage: "describe", isBuiltIn: describer.identity.kind == .builtin,
        used: describer.identity.description, items: described,
        itemName: "videos", kept: described - summary.done, failed: summary.failed,
        seconds: summary.seconds), to: workspace)
    try show(summary, workspace: workspace)
    if let lost = summary.serverLost {
      Console.error(lost)
      throw CommandExit.serverUnreachable
    }
    if summary.wasInterrupted { throw CommandExit.interrupted }
    if summary.failed > 0 { throw CommandExit.someItemsFailed }
  }

  private func show(_ summary: DescribeSummary, workspace: Workspace) throws {
    if json {
      Console.result(try JSONRecord.encode(summary))
      return
    }
    var line = "\(summary.done) described, \(summary.skipped) kept"
    if summary.failed > 0 { line += ", \(summary.failed) failed" }
    if summary.elsewhere > 0 { line += ", \(summary.elsewhere) by other processes" }
    if summary.pending > 0 { line += ", \(summary.pending) not begun" }
    if summary.truncated > 0 { line += ", \(summary.truncated) cut at the token limit" }
    Console.result("\(line) in \(ProgressLine.format(seconds: summary.seconds))")
    Console.result(workspace.descriptionsFile.path)
    if summary.pending > 0 { Console.note("run the same command again to go on") }
  }
}
