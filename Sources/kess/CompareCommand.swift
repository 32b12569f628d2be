import ArgumentParser
import CommandSupport
import Foundation
import KeyEvents
import Records
import SelectionReports
import Video

struct CompareCommand: PipelineCommand {
  static let configuration = CommandConfiguration(
    commandName: "compare",
    abstract: "Selection strategies side by side on one video: a table and a picture.",
    discussion: """
      The video is decoded and scored once; every strategy then chooses from the same relevance \
      curve. The picture is one SVG file: the curve with its key events, and a row of marks and \
      thumbnails a strategy.

      COLUMNS: objective is what kess maximises, for every strategy's frames; events, the share \
      of the curve's key events with a frame inside; roles, the share of their onsets, peaks and \
      aftermaths; spacing, the mean distance to the nearest other frame as a share of the \
      duration; redundancy, the mean of each frame's greatest cosine with another one. Events \
      are what the curve shows, not what happened: kess evaluate compares with annotations.

      \(CommandExit.help)
      """)

  @Argument(help: ArgumentHelp("A video.", valueName: "video"))
  var video: String

  @OptionGroup var queries: QueryOptions

  @Option(help: ArgumentHelp("How many frames each strategy is asked for.", valueName: "n"))
  var frames: Int = 8

  @OptionGroup var strategies: StrategyOptions
  @OptionGroup var relevance: RelevanceOptions

  @Option(
    help: ArgumentHelp(
      "The picture. (default: <video's name>.comparison.svg)", valueName: "file.svg"))
  var out: String?

  @Flag(help: "The comparison as JSON.")
  var json = false

  func validate() throws {
    guard frames >= 1 else {
      throw ValidationError("--frames must be at least 1, found \(frames)")
    }
  }

  func execute() async throws {
    let scorer = try relevance.scorer(queries: queries.queries())
    try queries.check(with: scorer)
    let observer = AppearanceScorer(scorer)
    let scored = try KeyEventSelector.select(
      path: video,
      options: SelectionOptions(
        frames: frames, spread: strategies.spread,
        decodingThreads: VideoWorkers.defaultJobs), scorer: observer)
    let comparison = StrategyComparison(
      curve: scored.curve, frames: frames, spread: strategies.spread,
      strategies: strategies.chosenStrategies,
      vectors: FrameAppearance.vectors(of: observer.appearances))
    let chosen = comparison.chosenCandidates
    let indices = chosen.map { scored.record.candidates.frameIndex[$0] }
    let pictures = try VideoFrames.frames(at: indices, of: video)

    let url = URL(fileURLWithPath: video)
    let picture = URL(
      fileURLWithPath: out ?? "\(url.deletingPathExtension().lastPathComponent).comparison.svg")
    try ComparisonPicture(
      comparison: comparison, title: url.lastPathComponent,
      subtitle: "\(scored.curve.count) candidates scored by \(scorer.identity), "
        + "\(frames) frames asked for, spread \(strategies.spread)",
      pictures: Dictionary(uniqueKeysWithValues: zip(chosen, pictures.map(\.image)))
    ).write(to: picture)
    let record = ComparisonRecord(
      subject: video, scorer: scorer.identity, redundancyBy: FrameAppearance.name,
      picture: picture.path, comparison: comparison)
    if json { return Console.result(try JSONRecord.encode(record)) }
    show(record)
  }

  private func show(_ record: ComparisonRecord) {
    func text(_ value: Double?) -> String { value.map { String(format: "%.3f", $0) } ?? "-" }
    var table = TextTable([
      "strategy", "frames", "objective", "events", "roles", "spacing", "redundancy", "times s",
    ])
    for row in record.strategies {
      table.add([
        row.strategy.rawValue, row.failure == nil ? "\(row.picks.count)" : "-",
        text(row.objective), text(row.eventRecall), text(row.roleCoverage),
        text(row.nearestSpacing), text(row.visualRedundancy),
        row.failure.map { "not run: \($0)" }
          ?? row.picks.map { String(format: "%.2f", $0.seconds) }.joined(separator: " "),
      ])
    }
    for line in table.lines { Console.result(line) }
    Console.result(
      "\(record.subject): \(record.frames) frames of \(record.candidates) candidates, "
        + "\(record.events.count) key events, \(record.scorer)")
    Console.result(record.picture)
  }
}
