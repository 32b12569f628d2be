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
      With servers, key frames are sent as JPEG in time order to /v1/chat/completions of the \
      --endpoint with the fewest requests in flight. A request contains nothing that names the \
      video or its class. Answers are kept in the workspace's ledger and exported to \
      descriptions.jsonl. A rerun asks only for missing descriptions, and the first Ctrl-C stops \
      after the requests in flight. A lost server pauses the run: requests in flight are repeated \
      when it is back, and no video is counted as failed. Without a server the built-in describer \
      writes sentences of measured facts, a baseline without any understanding.

      Key frames of training videos may be chosen by their label, those of other videos never.

      \(CommandExit.help)
      """)

  @OptionGroup var options: QuestionOptions

  @Flag(help: "Only videos whose last attempt failed: those of 'describe failed'.")
  var onlyFailed = false

  @Option(
    help: ArgumentHelp(
      "Videos processed at once. (default: the servers' parallel requests, and a few in preparation)",
      valueName: "n"))
  var jobs: Int?

  @Option(
    help: ArgumentHelp("Stop after this many videos in a row without an answer.", valueName: "n"))
  var stopAfter: Int = 25

  @Flag(help: "Repeat requests during which two servers were lost.")
  var releaseQuarantine = false

  @Flag(
    inversion: .prefixedNo,
    help: "Check the servers with a few small requests before the first video.")
  var preflight = true

  @Flag(
    inversion: .prefixedNo,
    help: "Compare each description with its frames, if CLIP scores the frames.")
  var frameCheck = true

  @Flag(
    inversion: .prefixedNo,
    help: ArgumentHelp(
      "Store frames as they are sent (about 14 KB for one of 320x240), so that another prompt "
        + "or a resumed run needs no decoding."))
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
        "\(summary.nearDuplicates) descriptions nearly equal those of other videos, "
          + "\(summary.largestDuplicateGroup) of them the same one; check them before training")
    }
    if summary.unlikeFrames > 0 {
      Console.warning(
        "\(summary.unlikeFrames) descriptions match their frames unusually poorly "
          + "(finding unlikeFrames in the export); check them before training")
    }
    if summary.withClass > 0 {
      Console.note(
        "\(summary.namingTheirClass) of \(summary.withClass) descriptions of anomalies name "
          + "their class")
    }
    if summary.pending > 0 { Console.note("run the same command again to continue") }
  }
}
