import ArgumentParser
import CommandSupport
import Descriptions
import Foundation
import Pipeline
import Records
import Workspaces

struct RunCommand: PipelineCommand {
  static let configuration = CommandConfiguration(
    commandName: "run",
    abstract: "Selects key frames and describes every video that has no description yet.",
    discussion: """
      With servers: key frames go as JPEG in time order to /v1/chat/completions of the \
      --endpoint with the fewest requests under way. Nothing that names the video or its class \
      is sent. Answers are kept in the workspace's ledger and exported to descriptions.jsonl; a \
      rerun asks only for what is missing, and the first Ctrl-C stops after what is under way. \
      A server that goes away pauses the run: what was in flight is asked again when it is back, \
      and no video is charged. Without a server the built-in describer writes \
      sentences of measured facts: a baseline that measures and does not understand.

      Key frames of training videos may be chosen by their label, those of other videos never.

      \(CommandExit.help)
      """)

  @OptionGroup var options: QuestionOptions

  @Flag(help: "Only videos whose last try failed: what 'describe failed' lists.")
  var onlyFailed = false

  @Option(
    help: ArgumentHelp(
      "Videos in work at once. (default: what the servers may be asked, and a few made ready)",
      valueName: "n"))
  var jobs: Int?

  @Option(
    help: ArgumentHelp("Stop when so many videos in a row got no answer.", valueName: "n"))
  var stopAfter: Int = 25

  @Flag(help: "Send requests again under which two servers were lost.")
  var releaseQuarantine = false

  @Flag(
    inversion: .prefixedNo,
    help: "Look at the servers with a few small requests before the first video.")
  var preflight = true

  @Flag(
    inversion: .prefixedNo,
    help: "Compare each description with its own frames, where CLIP scores the frames.")
  var frameCheck = true

  @Flag(
    inversion: .prefixedNo,
    help: ArgumentHelp(
      "Keep frames as they are sent beside their selection (about 14 KB for one of 320x240), so "
        + "that another prompt or a resumed run decodes nothing."))
  var keepFrames = true

  @Flag(help: "The summary as JSON.")
  var json = false

  func validate() throws {
    if let jobs, jobs < 1 { throw ValidationError("--jobs must be at least 1, found \(jobs)") }
    guard stopAfter >= 1 else {
      throw ValidationError("--stop-after must be at least 1, found \(stopAfter)")
    }
  }

  func execute() async throws {
    let (dataset, workspace) = try options.workspace.open(options.dataset)
    let choice = options.choice
    let ledger = try workspace.openLedger()
    let failed =
      onlyFailed ? Set(try ledger.failures().map { $0.segmentOf ?? $0.videoID }) : nil
    let videos = choice.videos(of: dataset) { failed?.contains($0.id) ?? true }
    if onlyFailed, videos.isEmpty {
      Console.note("nothing failed in split '\(choice.split.rawValue)'")
      if json { Console.result(try JSONRecord.encode(DescribeSummary())) }
      return
    }
    guard !videos.isEmpty else {
      throw PipelineError.notReady(
        subject: dataset.root.path, finding: "no videos in split '\(choice.split.rawValue)'",
        remedy: "check --root and --split")
    }
    let stage = try await options.stage(about: dataset, in: workspace, ledger: ledger) {
      if let jobs { $0.jobs = jobs }
      $0.failureLimit = stopAfter
      $0.onlyFailed = onlyFailed
      $0.releasesQuarantine = releaseQuarantine
      $0.checksServers = preflight
      $0.checksFrames = frameCheck
      $0.keepsFrames = keepFrames
    }
    let interruption = Interruption()
    interruption.listen()
    let summary = try await stage.run(videos, reporter: .console(), stop: interruption.stop)
    try report(summary, workspace: workspace)
    if let lost = summary.serverLost {
      Console.error(lost)
      throw CommandExit.serverUnreachable
    }
    if let reason = summary.stoppedBecause {
      Console.error("\(reason); stopped, because the next would fail too (--stop-after)")
      throw CommandExit.failed
    }
    if summary.wasInterrupted { throw CommandExit.interrupted }
    if summary.failed > 0 { throw CommandExit.someItemsFailed }
  }

  private func report(_ summary: DescribeSummary, workspace: Workspace) throws {
    if json {
      Console.result(try JSONRecord.encode(summary))
      return
    }
    var line = "\(summary.done) described, \(summary.skipped) kept"
    if summary.failed > 0 { line += ", \(summary.failed) failed" }
    if summary.elsewhere > 0 { line += ", \(summary.elsewhere) by other processes" }
    if summary.pending > 0 { line += ", \(summary.pending) not begun" }
    if summary.truncated > 0 { line += ", \(summary.truncated) cut at the token limit" }
    for (finding, count) in summary.findings.sorted(by: { $0.key < $1.key })
    where finding != AnswerFinding.truncated.rawValue {
      line += ", \(count) \(finding)"
    }
    Console.result("\(line) in \(DurationText.of(seconds: summary.seconds))")
    Console.result(workspace.descriptionsFile.path)
    if summary.largestDuplicateGroup >= 5 {
      Console.warning(
        "\(summary.nearDuplicates) descriptions are nearly those of other videos, "
          + "\(summary.largestDuplicateGroup) of them the same; look at them before training")
    }
    if summary.unlikeFrames > 0 {
      Console.warning(
        "\(summary.unlikeFrames) descriptions fit their frames far worse than the rest "
          + "(unlikeFrames in the export); look at them before training")
    }
    if summary.withClass > 0 {
      Console.note(
        "\(summary.namingTheirClass) of \(summary.withClass) descriptions of anomalies name "
          + "their class")
    }
    if summary.pending > 0 { Console.note("run the same command again to go on") }
  }
}
