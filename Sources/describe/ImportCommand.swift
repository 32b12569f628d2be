import ArgumentParser
import CommandSupport
import Foundation
import Pipeline
import Records

struct ImportCommand: PipelineCommand {
  static let configuration = CommandConfiguration(
    commandName: "import",
    abstract: "Imports descriptions that somebody else made, with their file as the describer.",
    discussion: """
      jsonl: one object per line with a video and its text (keys such as video, video_id, \
      file_name, id; description, caption, text, sentences; start, end, timestamps), or the lines \
      of 'describe export'. csv: the same as columns, separated by commas, semicolons or tabs. \
      uca: UCA's JSON. hivau: HIVAU-70k's raw annotations. lavad: LAVAD's folder of captions.

      Names match with or without folders, extension, _x264 and class. Several sentences of a \
      video are kept with their times and joined into one text, by start time. A video's present \
      description stays unless --replace is given; other describers' answers always stay in the \
      ledger. Bad entries are named, the others are imported, and the exit code is 2.

      \(CommandExit.help)
      """)

  @Argument(help: ArgumentHelp("The file; for lavad also a folder.", valueName: "file"))
  var file: String

  @Option(help: "jsonl, csv, uca, hivau or lavad.")
  var format: Format

  @Option(
    help: ArgumentHelp(
      "The describer's name. (default: uca, lavad, hivau, hivau-event, hivau-clip, or the file's name)",
      valueName: "name"))
  var describer: String?

  @Option(help: "Which texts of HIVAU-70k: video, event or clip.")
  var level: Level = .video

  @Flag(help: "Make the imported descriptions the present ones of videos that have others.")
  var replace = false

  @OptionGroup var dataset: DatasetOptions
  @OptionGroup var workspace: WorkspaceOptions

  @Flag(help: "The report as JSON.")
  var json = false

  enum Format: String, ExpressibleByArgument, CaseIterable {
    case jsonl, csv, uca, hivau, lavad
  }

  enum Level: String, ExpressibleByArgument, CaseIterable {
    case video, event, clip
  }

  func validate() throws {
    if let describer {
      guard describer.contains(where: { !$0.isWhitespace }), !describer.contains(where: \.isNewline)
      else { throw ValidationError("--describer must be a name on one line") }
    }
    guard level == .video || format == .hivau else {
      throw ValidationError("--level is for --format hivau")
    }
  }

  func execute() async throws {
    guard let format = ImportFormat(rawValue: format.rawValue),
      let level = ImportLevel(rawValue: level.rawValue)
    else { preconditionFailure("a format or level that the pipeline lacks") }
    let (dataset, workspace) = try workspace.open(dataset)
    var options = DescriptionImport.Options(format: format)
    options.describer = describer?.trimmingCharacters(in: .whitespaces)
    options.level = level
    options.isReplacing = replace
    let interruption = Interruption()
    interruption.listen()
    let report = try DescriptionImport(
      file: URL(fileURLWithPath: file), options: options, dataset: dataset, workspace: workspace,
      ledger: workspace.openLedger()
    ).run(reporter: .console(), stop: interruption.stop)
    for line in report.warnings { Console.warning(line) }
    show(report.failures)
    if json {
      Console.result(try JSONRecord.encode(report))
    } else {
      for line in report.lines { Console.result(line) }
    }
    if report.hasFailures { throw CommandExit.someItemsFailed }
  }

  private func show(_ failures: [String]) {
    let shown = 20
    for failure in failures.prefix(shown) { Console.error(failure) }
    if failures.count > shown {
      Console.error("and \(failures.count - shown) more (--json names all)")
    }
  }
}
