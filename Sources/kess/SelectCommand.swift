import ArgumentParser
import CommandSupport
import Foundation
import KeyEvents
import Records
import SelectionReports

struct SelectCommand: PipelineCommand {
  static let configuration = CommandConfiguration(
    commandName: "select",
    abstract: "Key frames of videos: relevant, and spread over time.",
    discussion: """
      Writes into --out: the frames, <name>.contact.jpg, <name>.timeline.svg, <name>.csv, \
      <name>.ffmpeg.txt (ffmpeg -i VIDEO -vf "$(cat <name>.ffmpeg.txt)" -fps_mode passthrough \
      f-%03d.png gives the same frames) and <name>.selection.json, the record of all; its schema \
      is Documentation/selection.schema.json. With --scores there is no video and no picture of it.

      STRATEGIES (r: relevance brought to [0,1], N candidates, k frames):
      \(SelectionStrategy.allCases.map { "\($0.rawValue): \($0.formula). [\($0.source)]" }
        .joined(separator: "\n"))
      Every strategy but aks-compat gives exactly min(k, N) distinct frames in time order; \
      candidates without relevance are chosen last, by coverage (uniform looks at times alone).

      RELEVANCE. \(RelevanceQueries.definition) The built-in scorer knows no words: it measures \
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

  private enum Outcome: Sendable {
    case selected(SelectionRecord, SelectionWriter.Output)
    /// It stands in the journal with equal settings, and its files are there.
    case known(SelectionRecord)
    case failed(any ReportableError)

    var isFailure: Bool {
      if case .failed = self { true } else { false }
    }
  }

  func execute() async throws {
    if let scores { return try select(fromScores: scores) }
    let scorer = try selection.relevance.scorer(queries: queries.queries())
    try queries.check(with: scorer)
    if embeddings, scorer.queries.isEmpty {
      throw KeyEventError.noEmbeddings(path: "<name>.embeddings.npy")
    }
    let journal = try output.journal()
    let interruption = Interruption()
    interruption.listen()
    var options = selection.options
    options.decodingThreads = jobs.shareCores(among: videos.count)
    if videos.count > 1 {
      Console.note(
        try BulkPlan.selection(
          videos, frames: options.frames,
          encoder: (scorer as? CLIPRelevanceScorer)?.imageEncoder, jobs: jobs.jobs
        ).line)
    }
    let progress = ProgressLine("select", total: videos.count, itemName: "videos")
    let outcomes = VideoWorkers.map(
      NamedVideos.ids(of: videos), jobs: jobs.jobs, until: interruption
    ) { [options, out, embeddings, pictures = output.pictures] item -> Outcome in
      let outcome = Self.outcome(
        of: item, options: options, scorer: scorer, journal: journal,
        writer: SelectionWriter(
          folder: Self.folder(for: item.id, out: out), pictures: pictures),
        writesEmbeddings: embeddings, progress: { progress.reached($0, of: item.id) })
      progress.advance(failed: outcome.isFailure, item: item.id)
      return outcome
    }
    if videos.count > 1 { progress.finish() } else { progress.clear() }
    try show(outcomes.compactMap { $0 })
    if interruption.isDraining { throw CommandExit.interrupted }
    let failures = outcomes.compactMap { outcome -> (any ReportableError)? in
      if case .failed(let error)? = outcome { return error }
      return nil
    }
    for failure in failures { Console.error(failure.description) }
    if let only = failures.first, outcomes.count == 1 {
      throw CommandExit.code(for: only.failureKind)
    }
    if !failures.isEmpty { throw CommandExit.someItemsFailed }
  }

  private static func outcome(
    of item: (id: String, path: String), options: SelectionOptions, scorer: any RelevanceScorer,
    journal: SelectionJournal?, writer: SelectionWriter, writesEmbeddings: Bool,
    progress: (Double) -> Void
  ) -> Outcome {
    do {
      if let known = try journal?.record(of: item.path, options: options, scorer: scorer),
        writer.holds(known, name: item.id),
        !writesEmbeddings
          || FileManager.default.fileExists(
            atPath: embeddingsFile(in: writer.folder, name: item.id).path)
      {
        return .known(known)
      }
      let video = try ScoredCandidates(
        path: item.path, options: options, scorer: scorer, progress: progress)
      var record = try video.record(options)
      let chosen = record.frames.map(\.candidateIndex)
      let output = try writer.write(&record, name: item.id) { give in
        try video.forEachPicture(of: chosen, body: give)
      }
      try SelectionOutputOptions.writeViews(of: record, to: writer.folder, name: item.id)
      if writesEmbeddings { try write(video.curve.embeddings, to: writer.folder, name: item.id) }
      // Last: what stands in the journal is not made again.
      try journal?.append(record)
      return .selected(record, output)
    } catch let error as any ReportableError {
      return .failed(error)
    } catch {
      return .failed(
        CommandError.notReady(subject: item.path, finding: "\(error)", remedy: "check the file"))
    }
  }

  private func select(fromScores path: String) throws {
    let file = try ScoreFile(contentsOf: URL(fileURLWithPath: path))
    let name = URL(fileURLWithPath: path).deletingPathExtension().lastPathComponent
    let folder = Self.folder(for: name, out: out)
    if embeddings, !file.curve.hasEmbeddings {
      throw KeyEventError.noEmbeddings(path: Self.embeddingsFile(in: folder, name: name).path)
    }
    let journal = try output.journal()
    let record = try file.record(selection.options)
    let url = folder.appendingPathComponent("\(name).selection.json")
    try SelectionOutputOptions.writeViews(of: record, to: folder, name: name)
    try JSONRecord.write(record, to: url)
    try journal?.append(record)
    if embeddings { try Self.write(file.curve.embeddings, to: folder, name: name) }
    if json { return Console.result(try JSONRecord.encode(record)) }
    show(record)
    Console.result(url.path)
  }

  private static func folder(for name: String, out: String?) -> URL {
    URL(fileURLWithPath: out ?? "\(name)-key-frames")
  }

  private static func embeddingsFile(in folder: URL, name: String) -> URL {
    folder.appendingPathComponent("\(name).embeddings.npy")
  }

  private static func write(_ embeddings: [[Float]?], to folder: URL, name: String) throws {
    try CandidateEmbeddings.write(embeddings, to: embeddingsFile(in: folder, name: name))
  }

  private func show(_ outcomes: [Outcome]) throws {
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
    for warning in record.video?.warnings ?? [] {
      Console.warning("\(record.subject): \(warning)")
    }
  }
}
