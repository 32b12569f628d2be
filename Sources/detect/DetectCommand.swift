import ArgumentParser
import CommandSupport

/// Scores videos with a trained detector.
@main
struct DetectCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "detect",
    abstract: "Anomaly scores of videos, evaluation, and the report.",
    discussion: CommandExit.help,
    version: CommandExit.version,
    subcommands: [RunCommand.self, SummaryCommand.self, ImportCheckpointCommand.self],
    defaultSubcommand: RunCommand.self)
}
