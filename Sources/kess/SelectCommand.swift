import ArgumentParser
import CommandSupport
import Foundation
import KeyEvents
import Records

struct SelectCommand: PipelineCommand {
  static let configuration = CommandConfiguration(
    commandName: "select",
    abstract: "Key frames of videos: relevant, and spread over time.",
    discussion: """
      \(SelectionStrategy.kess.formula)

      Writes the frames as JPEG, a contact sheet and <name>.selection.json into --out.

      \(CommandExit.help)
      """)

  @Argument(help: ArgumentHelp("Videos.", valueName: "video"))
  var videos: [String]

  @OptionGroup var queries: QueryOptions
  @OptionGroup var selection: SelectionCommandOptions
  @OptionGroup var jobs: JobOptions

  @Option(
    help: ArgumentHelp(
      "The folder for the pictures and the record. (default: <video's name>-key-frames)",
      valueName: "dir"))
  var out: String?

  @Flag(help: "The records as JSON: one object, or an array for several videos.")
  var json = false

  private enum Outcome: Sendable {
    case selected(SelectionRecord, SelectionWriter.Output)
    case failed(any ReportableError)
  }

  func execute() async throws {
    let scorer = try selection.relevance.scorer(queries: queries.queries())
    try queries.check(with: scorer)
    let interruption = Interruption()
    interruption.listen()
    jobs.shareCores()
    var options = selection.options
    if videos.count == 1 { options.decodingThreads = jobs.jobs }
    let items = NamedVideos.ids(of: videos)
    let outcomes = VideoWorkers.map(
      items, jobs: jobs.jobs, until: interruption
    ) { [options, out] item -> Outcome in
      do {
        var chosen = try KeyEventSelector.select(
          path: item.path, options: options, scorer: scorer)
        let folder = URL(fileURLWithPath: out ?? "\(item.id)-key-frames")
        let output = try SelectionWriter(folder: folder).write(&chosen, name: item.id)
        return .selected(chosen.record, output)
      } catch let error as any ReportableError {
        return .failed(error)
      } catch {
        return .failed(
          CommandError.notReady(subject: item.path, finding: "\(error)", remedy: "check the file"))
      }
    }
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

  private func show(_ outcomes: [Outcome]) throws {
    let selected = outcomes.compactMap { outcome -> (SelectionRecord, SelectionWriter.Output)? in
      if case .selected(let record, let output) = outcome { return (record, output) }
      return nil
    }
    if json {
      let records = selected.map(\.0)
      Console.result(
        videos.count == 1 && records.count == 1
          ? try JSONRecord.encode(records[0]) : try JSONRecord.encode(records))
      return
    }
    for (record, output) in selected {
      var table = TextTable(["#", "frame", "time s", "relevance", "role", "event", "why"])
      for (place, frame) in record.frames.enumerated() {
        table.add([
          "\(place + 1)", "\(frame.frameIndex)", String(format: "%.2f", frame.timestampSeconds),
          frame.relevance.map { String(format: "%.3f", $0) } ?? "-", frame.role.rawValue,
          frame.event.map(String.init) ?? "-", frame.reason,
        ])
      }
      for line in table.lines { Console.result(line) }
      Console.result(
        "\(record.video.path): \(record.frames.count) of \(record.candidates.frameIndex.count) "
          + "candidates by \(record.strategy.rawValue), \(record.scorer)")
      for warning in record.video.warnings { Console.warning("\(record.video.path): \(warning)") }
      Console.result(output.contactSheet.path)
    }
  }
}
