import Datasets
import Descriptions
import Foundation
import KeyEvents
import Records
import Workspaces

/// Selects key frames of videos and describes every video without a description.
public struct DescriptionStage: Sendable {
  public struct Options: Sendable {
    public var selection = SelectionOptions()
    /// Whether a video's label is part of its request; the prompt must show it.
    public var usesLabel = false
    /// Long videos are described in pieces of this length; nil to describe each as a whole.
    public var segmentSeconds: Int?
    /// The number of videos processed at once; nil for `Parallel.cores`.
    public var jobs: Int?
    /// The run stops after this many failed answers in a row.
    public var failureLimit = 25
    /// Whether only items whose last attempt failed are described.
    public var onlyFailed = false
    /// Whether to repeat requests during which two servers were lost.
    public var releasesQuarantine = false
    /// Whether to send a few small requests to the servers first.
    public var checksServers = true
    /// Whether to compare each description with its frames, if CLIP scores the frames.
    public var checksFrames = true
    /// Whether frames are stored as they are sent, so that a later run decodes nothing.
    public var keepsFrames = true

    public init(selection: SelectionOptions = SelectionOptions()) {
      self.selection = selection
    }
  }

  public let describer: any Describer
  public let scorers: DatasetScorers
  private let workspace: Workspace
  private let ledger: Ledger
  private let prompt: PromptTemplate
  private let options: Options

  /// - Parameter scorers: how relevance is scored, for the selection of key frames.
  public init(
    workspace: Workspace, ledger: Ledger, describer: any Describer, prompt: PromptTemplate,
    scorers: DatasetScorers, options: Options = Options()
  ) {
    self.workspace = workspace
    self.ledger = ledger
    self.describer = describer
    self.prompt = prompt
    self.scorers = scorers
    self.options = options
  }

  /// Checks that a prompt shows the label, if labels are used.
  ///
  /// - Throws: `PipelineError.conflicting`.
  public static func check(_ prompt: PromptTemplate, usesLabel: Bool) throws {
    guard !usesLabel || prompt.showsLabel else {
      throw PipelineError.conflicting(
        subject: "--use-label and the prompt '\(prompt.name)'",
        remedy: "take one that shows {{label}}, such as --prompt describe-with-label")
    }
  }

  /// Describes the videos, and writes `descriptions.jsonl` and the stage's record.
  ///
  /// A server that goes away pauses the run. A stop lets the requests under way finish.
  ///
  /// - Throws: `WorkspaceError` of the ledger, `RecordError`.
  public func run(
    _ videos: [DatasetVideo], reporter: StageReporter = .silent, stop: StopSignal = StopSignal()
  ) async throws -> DescribeSummary {
    reporter.note(
      "describing \(videos.count) videos with \(describer.identity), frames by \(scorers.name)")
    let imported = try ledger.describers().filter {
      $0.kind == LedgerImportSource.kind && $0.presentVideos > 0
    }
    for source in imported {
      reporter.note(
        "\(source.presentVideos) videos have descriptions \(source.name); they stay in the "
          + "ledger, and 'embed --describer \(source.model)' chooses them")
    }
    let control = StopControl()
    stop.onStop { control.interrupt() }
    reporter.begin("describe", total: videos.count)
    let summary = try await describeRun.run(
      videos, control: control,
      progress: { event in
        if case .failed(let reason, _) = event.outcome {
          reporter.warning(reason)
          reporter.advance(failed: true, of: event.total)
        } else {
          reporter.advance(of: event.total)
        }
      }, warn: { reporter.warning($0) })
    reporter.end()
    let described = try ledger.counts().describedVideos
    try StageLog.write(
      StageRecord(
        stage: "describe", isBuiltIn: describer.identity.kind == .builtin,
        used: describer.identity.description, items: described, itemName: "videos",
        kept: described - summary.done, failed: summary.failed, seconds: summary.seconds),
      to: workspace)
    return summary
  }

  /// What a run would ask: requests, tokens and hours.
  ///
  /// - Parameter requestsAtOnce: the number of parallel requests to measure the rate with.
  public func plan(
    _ videos: [DatasetVideo], requestsAtOnce: Int, reporter: StageReporter = .silent
  ) async throws -> DescribePlan {
    // Two steps for each video: its content's hash, and its headers.
    reporter.begin("plan", total: 2 * videos.count, itemName: "steps")
    let plan = try await describeRun.planned(
      videos, frames: options.selection.frames, requestsAtOnce: requestsAtOnce
    ) { reporter.advance(by: $0) }
    reporter.end(needsSummary: false)
    for warning in plan.warnings { reporter.warning(warning) }
    return plan
  }

  private var describeRun: DescribeRun {
    DescribeRun(
      workspace: workspace, ledger: ledger, describer: describer,
      source: KeyEventFrameSource(
        workspace: workspace, options: options.selection,
        measuresMotion: describer is BuiltInDescriber,
        scorer: { [scorers] in try scorers.scorer(for: $0) }),
      prompt: prompt, jobs: options.jobs ?? Parallel.cores,
      failureLimit: options.failureLimit, releasesQuarantine: options.releasesQuarantine,
      preflightFrames: options.checksServers ? options.selection.frames : nil,
      usesLabel: options.usesLabel, segmentSeconds: options.segmentSeconds,
      onlyFailed: options.onlyFailed,
      frameCheck: options.checksFrames ? scorers.frameTextCheck : nil,
      keepsFrames: options.keepsFrames)
  }
}
