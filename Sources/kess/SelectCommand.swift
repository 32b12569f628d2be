import ArgumentParser
import CommandSupport
import Foundation
import KeyEvents
import Pipeline
import Records
import Video

struct SelectCommand: PipelineCommand {
  static let configuration = CommandConfiguration(
    commandName: "select",
    abstract: "Key frames of videos: relevant, and spread over time.",
    discussion: """
      Writes into --out: the frames, <name>.contact.jpg, <name>.timeline.svg, <name>.csv, \
      <name>.ffmpeg.txt (ffmpeg -i VIDEO -vf "$(cat <name>.ffmpeg.txt)" -fps_mode passthrough \
      f-%03d.png gives the same frames) and <name>.selection.json, the record of all; its schema \
      is Documentation/selection.schema.json. With --scores there is no video, and no pictures are written.

      STRATEGIES (r: relevance brought to [0,1], N candidates, k frames):
      \(SelectionStrategy.allCases.map { "\($0.rawValue): \($0.formula). [\($0.source)]" }
        .joined(separator: "\n"))
      Every strategy but aks-compat gives exactly min(k, N) distinct frames in time order; \
      candidates without relevance are chosen last, by coverage (uniform uses only the times).

      RELEVANCE. \(RelevanceQueries.definition) The built-in scorer reads no words: it measures \
      how much each moment stands out by motion and change.

      KEY EVENTS. \(KeyEvent.segmentationRule)

      GATE. \(PromptGate.rule).

      SCORES. JSON {"timestamps": [seconds], "relevance": [number or null], "embeddings": \
      "FILE.npy", "duration": seconds}, the last two optional; or a .npy array [N,2] of timestamps \
      and relevance (read in 32 bits).

      \(CommandExit.help)
      """)

  @Argument(help: ArgumentHelp("Videos.", valueName: "video"))
  var videos: [String] = []

  @Option(help: ArgumentHelp("Select from these scores, without a video.", valueName: "file"))
  var scores: String?

  @OptionGroup var queries: QueryOptions
  @OptionGroup var selection: SelectionCommandOptions
  @OptionGroup var output: SelectionOutputOptions
  @OptionGroup var jobs: JobOptions

  @Option(
    help: ArgumentHelp(
      "The folder for the pictures and the record. (default: <name>-key-frames)",
      valueName: "dir"))
  var out: String?

  @Flag(help: "Also write the candidates' embeddings as <name>.embeddings.npy, [N, width].")
  var embeddings = false

  @Flag(help: "The records as JSON: one object, or an array for several videos.")
  var json = false

  func validate() throws {
    guard videos.isEmpty == (scores != nil) else {
      throw ValidationError(
        scores == nil
          ? "give at least one video, or --scores" : "--scores and videos cannot be used together")
    }
    try queries.validate(scores: scores)
  }

  func execute() async throws {
    if let scores { return try select(fromScores: scores) }
    let scorer = try selection.relevance.scorer(queries: queries.queries())
    try queries.check(with: scorer)
    var options = options
    options.selection.view = try queries.dataset.viewOptions.view()
    let stage = try SelectionStage(
      scorer: scorer, options: options, journal: output.journal(),
      folder: { [out] in Self.folder(for: $0, out: out) })
    let interruption = Interruption()
    interruption.listen()
    jobs.shareCores(among: videos.count)
    let items = NamedVideos.ids(of: videos)
    if items.count > 1 { Console.note(try stage.plan(items).line) }
    let outcomes = stage.run(items, reporter: .console(), stop: interruption.stop)
    try show(outcomes.compactMap { $0 })
    if interruption.isDraining { throw CommandExit.interrupted }
    let failures = outcomes.compactMap { $0?.failure }
    for failure in failures { Console.error(failure.description) }
    if let only = failures.first, outcomes.count == 1 {
      throw CommandExit.code(for: only.failureKind)
    }
    if !failures.isEmpty { throw CommandExit.someItemsFailed }
  }

  private var options: SelectionStage.Options {
    SelectionStage.Options(
      selection: selection.options, pictures: output.pictures, writesEmbeddings: embeddings,
      jobs: jobs.jobs)
  }

  private func select(fromScores path: String) throws {
    let name = URL(fileURLWithPath: path).deletingPathExtension().lastPathComponent
    let (record, file) = try SelectionStage.select(
      from: ScoreFile(contentsOf: URL(fileURLWithPath: path)), named: name, options: options,
      journal: output.journal(), folder: Self.folder(for: name, out: out))
    if json { return Console.result(try JSONRecord.encode(record)) }
    show(record)
    Console.result(file.path)
  }

  private static func folder(for name: String, out: String?) -> URL {
    URL(fileURLWithPath: out ?? "\(name)-key-frames")
  }

  private func show(_ outcomes: [SelectionStage.Outcome]) throws {
    let selected = outcomes.compactMap {
      outcome -> (record: SelectionRecord, written: SelectionWriter.Output?)? in
      switch outcome {
      case .selected(let record, let written): (record, written)
      case .known(let record): (record, nil)
      case .failed: nil
      }
    }
    if json {
      let records = selected.map(\.record)
      Console.result(
        videos.count == 1 && records.count == 1
          ? try JSONRecord.encode(records[0]) : try JSONRecord.encode(records))
      return
    }
    for (record, written) in selected {
      show(record)
      Console.result(written?.contactSheet.path ?? "skipped: already in \(output.jsonl ?? "")")
    }
  }

  private func show(_ record: SelectionRecord) {
    var table = TextTable(["#", "frame", "time s", "relevance", "role", "event", "why"])
    for (place, frame) in record.frames.enumerated() {
      table.add([
        "\(place + 1)", frame.frameIndex.map(String.init) ?? "-",
        String(format: "%.2f", frame.timestampSeconds),
        frame.relevance.map { String(format: "%.3f", $0) } ?? "-", frame.role.rawValue,
        frame.event.map(String.init) ?? "-", frame.reason,
      ])
    }
    for line in table.lines { Console.result(line) }
    let unscored = record.candidates.unscored
    Console.result(
      "\(record.subject): \(record.frames.count) of \(record.candidates.timestampSeconds.count) "
        + "candidates by \(record.strategy.rawValue), \(record.scorer)"
        + (unscored > 0 ? ", \(unscored) without relevance" : ""))
    for note in record.notes { Console.result("note: \(note)") }
    if let video = record.video, video.coded == nil, video.view?.pixelAspect == nil,
      let advice = RecorderFormats.advice(width: video.width, height: video.height)
    {
      Console.result("note: \(advice)")
    }
    for warning in record.video?.warnings ?? [] {
      Console.warning(warning)
    }
  }
}
