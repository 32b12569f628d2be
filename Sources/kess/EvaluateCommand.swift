import ArgumentParser
import CommandSupport
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
      curves are kept in the workspace's curves/, so that another strategy needs no decoding. Every \
      strategy then selects from the same curves.

      COLUMNS, each a mean over videos: recall, the share of annotated intervals that hold a \
      chosen frame; onset, peak, aftermath, the share with a chosen frame shortly before or in \
      the first quarter, in the rest, shortly after (half the interval's length, 1 s to 10 s); \
      spacing, the mean distance to the nearest other frame as a share of the duration; \
      redundancy, the mean of each frame's greatest cosine with another one. In brackets the 95 % \
      interval by resampling videos. + or -: the interval of the paired difference from uniform \
      lies above or below 0. Annotations do not influence relevance.

      \(CommandExit.help)
      """)

  @OptionGroup var dataset: DatasetOptions
  @OptionGroup var workspace: WorkspaceOptions

  @Option(
    help: ArgumentHelp(
      "The number of frames; several numbers are separated by commas.", valueName: "n,..."))
  var frames: FrameCounts = FrameCounts([4, 8, 16])

  @OptionGroup var strategies: StrategyOptions
  @OptionGroup var relevance: RelevanceOptions

  @Option(help: "Only this split of the data set.")
  var split: String = "test"

  @Option(
    help: ArgumentHelp("The number of resamples of the videos for the intervals.", valueName: "n"))
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

  func execute() async throws {
    guard dataset.dataset != nil || workspace.workspace != nil else {
      throw CommandError.nothingToDo(command: "kess evaluate", expected: "--dataset")
    }
    let (dataset, workspace) = try workspace.open(dataset)
    let stage = try SelectionEvaluationStage(
      dataset: dataset, workspace: workspace,
      options: SelectionEvaluationStage.Options(
        frames: frames.numbers, strategies: strategies.chosenStrategies,
        parameters: strategies.parameters, split: split, resamples: resamples, seed: seed,
        jobs: jobs.jobs)
    ) {
      try relevance.scorers(for: dataset, resources: self.dataset.resourceOptions.folders())
    }
    let interruption = Interruption()
    interruption.listen()
    jobs.shareCores(among: stage.videos.count)
    Console.note(try stage.plan().line)
    let result = try stage.run(reporter: .console(), stop: interruption.stop)
    if let evaluation = result.evaluation {
      let files = try evaluation.write(
        to: out.map { URL(fileURLWithPath: $0) } ?? workspace.reportFolder)
      if json {
        Console.result(try JSONRecord.encode(evaluation))
      } else {
        show(evaluation)
        Console.result(
          "\(dataset.descriptor.name), split \(split): \(evaluation.videos) videos, "
            + "\(evaluation.events) annotated intervals, \(stage.scorers.name); "
            + "\(result.storedCurves) curves from the store; \(resamples) resamples, "
            + "seed \(seed)")
        Console.result(files.csv.path)
      }
    }
    for failure in result.failures { Console.error(failure) }
    if result.evaluation == nil { throw CommandExit.unreadableInput }
    if !result.failures.isEmpty { throw CommandExit.someItemsFailed }
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
