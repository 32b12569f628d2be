import ArgumentParser
import CommandSupport
import Foundation
import KeyEvents
import Pipeline
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
      thumbnails per strategy.

      COLUMNS: objective is what kess maximises, for every strategy's frames; events, the share \
      of the curve's key events with a frame inside; roles, the share of their onsets, peaks and \
      aftermaths; spacing, the mean distance to the nearest other frame as a share of the \
      duration; redundancy, the mean of each frame's greatest cosine with another one. Events \
      are what the curve shows, not what happened: kess evaluate compares with annotations.

      \(CommandExit.help)
      """)

  @Argument(help: ArgumentHelp("A video.", valueName: "video"))
  var video: String?

  @Option(
    help: ArgumentHelp(
      "Compare on these scores, without a video; see kess select.",
      valueName: "file"))
  var scores: String?

  @OptionGroup var queries: QueryOptions

  @Option(help: ArgumentHelp("The number of frames per strategy.", valueName: "n"))
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
    guard (video == nil) == (scores != nil) else {
      throw ValidationError(
        scores == nil ? "give a video, or --scores" : "--scores and a video cannot be used together"
      )
    }
    try queries.validate(scores: scores)
  }

  func execute() async throws {
    if let scores { return try compare(scores: scores) }
    guard let video else { return }
    let scorer = try relevance.scorer(queries: queries.queries())
    try queries.check(with: scorer)
    let observer = AppearanceScorer(scorer)
    let scored = try ScoredCandidates(
      path: video,
      options: SelectionOptions(frames: frames, decodingThreads: Parallel.cores),
      scorer: observer)
    for warning in scored.source.warnings { Console.warning("\(video): \(warning)") }
    if let gate = scored.gate, !gate.isOpen {
      Console.warning("\(video): no prompt matches it; the curve is visual change")
    }
    try compare(
      scored.curve, subject: video, scorer: scorer.identity,
      embeddingsBy: observer.embeddingsBy
    ) { chosen in
      var thumbnails: [RGBImage] = []
      try scored.forEachPicture(of: chosen) {
        thumbnails.append(ContactSheet.thumbnail(of: $0.image))
      }
      return thumbnails
    }
  }

  private func compare(scores path: String) throws {
    let file = try ScoreFile(contentsOf: URL(fileURLWithPath: path))
    try compare(
      file.curve, subject: path, scorer: file.scorer, embeddingsBy: file.scores.embeddings
    ) { _ in [] }
  }

  private func compare(
    _ curve: RelevanceCurve, subject: String, scorer: ScorerIdentity, embeddingsBy: String?,
    pictures: ([Int]) throws -> [RGBImage]
  ) throws {
    let comparison = StrategyComparison(
      curve: curve, frames: frames, parameters: strategies.parameters,
      strategies: strategies.chosenStrategies)
    let chosen = comparison.chosenCandidates
    let url = URL(fileURLWithPath: subject)
    let picture = URL(
      fileURLWithPath: out ?? "\(url.deletingPathExtension().lastPathComponent).comparison.svg")
    try ComparisonPicture(
      comparison: comparison, title: url.lastPathComponent,
      subtitle: "\(curve.count) candidates scored by \(scorer.kind) \(scorer.model), "
        + "\(frames) frames asked for, spread \(strategies.spread)",
      pictures: Dictionary(
        zip(chosen, try pictures(chosen)), uniquingKeysWith: { first, _ in first })
    ).write(to: picture)
    let record = ComparisonRecord(
      subject: subject, scorer: scorer, embeddingsBy: embeddingsBy, picture: picture.path,
      comparison: comparison)
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
    for row in record.strategies {
      for note in row.notes { Console.result("note: \(row.strategy.rawValue): \(note)") }
    }
    Console.result(
      "\(record.subject): \(record.frames) frames of \(record.candidates) candidates, "
        + "\(record.events.count) key events, \(record.scorer)")
    Console.result(record.picture)
  }
}
