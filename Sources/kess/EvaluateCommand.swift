import ArgumentParser
import CommandSupport
import Datasets
import Foundation
import KeyEvents
import Pipeline
import Records
import SelectionReports

struct EvaluateCommand: PipelineCommand {
  static let configuration = CommandConfiguration(
    commandName: "evaluate",
    abstract: "Scores selection strategies on a temporally annotated data set.",
    discussion: """
      Every annotated abnormal video is decoded and scored once, for the largest of --frames; the \
      curves stay in the workspace's curves/, so that another strategy costs no decoding. Every \
      strategy then chooses from the same curves.

      COLUMNS, each a mean over videos: recall, the share of annotated intervals that hold a \
      chosen frame; onset, peak, aftermath, the share with a chosen frame shortly before or in \
      the first quarter, in the rest, shortly after (half the interval's length, 1 s to 10 s); \
      spacing, the mean distance to the nearest other frame as a share of the duration; \
      redundancy, the mean of each frame's greatest cosine with another one. In brackets the 95 % \
      interval by resampling videos. + or -: the interval of the paired difference from uniform \
      lies above or below 0. Relevance never sees an annotation.

      \(CommandExit.help)
      """)

  @OptionGroup var dataset: DatasetOptions
  @OptionGroup var workspace: WorkspaceOptions

  @Option(
    help: ArgumentHelp("How many frames; several numbers separated by commas.", valueName: "n,..."))
  var frames: FrameCounts = FrameCounts([4, 8, 16])

  @OptionGroup var strategies: StrategyOptions
  @OptionGroup var relevance: RelevanceOptions

  @Option(help: "Only this split of the data set.")
  var split: String = "test"

  @Option(help: ArgumentHelp("Resamples of the videos for the intervals.", valueName: "n"))
  var resamples: Int = 1000

  @Option(help: ArgumentHelp("The resampling's seed.", valueName: "n"))
  var seed: UInt64 = 0

  @OptionGroup var jobs: JobOptions

  @Option(
    help: ArgumentHelp(
      "The folder for selection-evaluation.json and .csv. (default: the workspace's report/)",
      valueName: "dir"))
  var out: String?

  @Flag(help: "The evaluation as JSON.")
  var json = false

  func validate() throws {
    guard resamples >= 1 else {
      throw ValidationError("--resamples must be at least 1, found \(resamples)")
    }
  }

  private enum Outcome: Sendable {
    case scored(AnnotatedCurve, wasStored: Bool)
    case failed(any Error)
  }

  func execute() async throws {
    guard dataset.dataset != nil || workspace.workspace != nil else {
      throw CommandError.nothingToDo(command: "kess evaluate", expected: "--dataset")
    }
    let (dataset, workspace) = try workspace.open(dataset)
    let annotations = try dataset.requiredAnnotations()
    let videos = dataset.videos(split: split).filter { !(annotations[$0.id]?.events ?? []).isEmpty }
    guard !videos.isEmpty else {
      throw CommandError.notReady(
        subject: dataset.descriptor.name,
        finding: "no video of split '\(split)' has an annotated interval",
        remedy: "name another --split")
    }
    let scorers = try relevance.scorers(
      for: dataset, resources: self.dataset.resourceOptions.folders())
    let interruption = Interruption()
    interruption.listen()
    jobs.shareCores(among: videos.count)
    let store = CurveStore(
      folder: workspace.root.appendingPathComponent("curves"),
      options: SelectionOptions(frames: frames.numbers.max() ?? 1))
    let left = try videos.filter {
      !store.holds(id: $0.id, path: $0.path, scorer: try scorers.scorer(for: $0))
    }
    Console.note(
      try BulkPlan.selection(
        left.map(\.path), frames: frames.numbers.max() ?? 1, encoder: scorers.imageEncoder,
        jobs: jobs.jobs, command: "evaluate", done: videos.count - left.count
      ).line)
    let progress = ProgressLine("evaluate", total: videos.count, itemName: "videos")
    let outcomes = VideoWorkers.map(videos, jobs: jobs.jobs, until: interruption.stop) {
      video -> Outcome in
      do {
        let scored = try store.curve(
          id: video.id, path: video.path, scorer: scorers.scorer(for: video))
        progress.advance()
        return .scored(
          AnnotatedCurve(
            id: video.id, className: video.classNames?.joined(separator: " ") ?? "",
            curve: scored.curve,
            intervals: AnnotatedPhases.intervals(
              ofFrames: annotations[video.id]?.events ?? [], frameRate: scored.frameRate,
              durationSeconds: scored.curve.durationSeconds)),
          wasStored: scored.wasStored)
      } catch {
        progress.advance(failed: true)
        return .failed(error)
      }
    }
    progress.finish()
    if interruption.isDraining { throw CommandExit.interrupted }
    try report(
      outcomes.compactMap { $0 }, dataset: dataset.descriptor.name, scorer: scorers.name,
      folder: out.map { URL(fileURLWithPath: $0) } ?? workspace.reportFolder)
  }

  private func report(
    _ outcomes: [Outcome], dataset: String, scorer: String, folder: URL
  ) throws {
    var curves: [AnnotatedCurve] = []
    var failures: [String] = []
    var stored = 0
    for outcome in outcomes {
      switch outcome {
      case .scored(let curve, let wasStored):
        // An interval beyond the last frame leaves nothing to find.
        if !curve.intervals.isEmpty { curves.append(curve) }
        if wasStored { stored += 1 }
      case .failed(let error): failures.append("\(error)")
      }
    }
    guard !curves.isEmpty else {
      for failure in failures { Console.error(failure) }
      guard failures.isEmpty else { throw CommandExit.unreadableInput }
      throw CommandError.notReady(
        subject: dataset, finding: "no annotated interval lies within its video",
        remedy: "check that annotations and videos belong together: `describe doctor`")
    }
    let evaluation = SelectionEvaluation(
      of: curves, strategies: strategies.chosenStrategies, frames: frames.numbers,
      parameters: strategies.parameters, resamples: resamples, seed: seed)
    let files = try evaluation.write(to: folder)
    if json {
      Console.result(try JSONRecord.encode(evaluation))
    } else {
      show(evaluation)
      Console.result(
        "\(dataset), split \(split): \(evaluation.videos) videos, \(evaluation.events) annotated "
          + "intervals, \(scorer); \(stored) curves from the store; \(resamples) resamples, "
          + "seed \(seed)")
      Console.result(files.csv.path)
    }
    for failure in failures { Console.error(failure) }
    if !failures.isEmpty { throw CommandExit.someItemsFailed }
  }

  private func show(_ evaluation: SelectionEvaluation) {
    var table = TextTable(
      ["frames", "strategy"] + SelectionMetric.allCases.map(\.title) + ["remark"])
    for line in evaluation.lines {
      let cells = SelectionMetric.allCases.map { metric in
        guard let figure = line.figure(metric) else { return "-" }
        let sign = [-1: "-", 0: " ", 1: "+"][figure.directionAgainstUniform] ?? " "
        let interval =
          figure.interval.map { String(format: " [%.2f %.2f]", $0.lower, $0.upper) } ?? ""
        return String(format: "%.2f", figure.mean) + sign + interval
      }
      let remark =
        line.failure.map { "not run: \($0)" }
        ?? (line.shortVideos > 0 ? "too few frames on \(line.shortVideos) videos" : "")
      table.add(["\(line.frames)", line.strategy.rawValue] + cells + [remark])
    }
    for line in table.lines { Console.result(line) }
  }
}

/// Numbers of frames, separated by commas.
struct FrameCounts: ExpressibleByArgument, CustomStringConvertible {
  let numbers: [Int]

  init(_ numbers: [Int]) { self.numbers = numbers }

  init?(argument: String) {
    var numbers: [Int] = []
    for word in argument.split(separator: ",", omittingEmptySubsequences: false) {
      guard let number = Int(word), number >= 1 else { return nil }
      if !numbers.contains(number) { numbers.append(number) }
    }
    guard !numbers.isEmpty else { return nil }
    self.numbers = numbers
  }

  var description: String { numbers.map(String.init).joined(separator: ",") }
  var defaultValueDescription: String { description }
}
