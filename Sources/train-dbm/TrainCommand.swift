import ArgumentParser
import CommandSupport

/// Trains the detector.
@main
struct TrainCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "train-dbm",
    abstract: "Trains DBVAD on a workspace's features and descriptions.",
    discussion: CommandExit.help,
    version: CommandExit.version,
    subcommands: [RunCommand.self],
    defaultSubcommand: RunCommand.self)
}
