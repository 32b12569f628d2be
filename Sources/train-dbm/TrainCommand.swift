import ArgumentParser
import CKeptMemory
import CommandSupport

/// Trains the detector.
@main
struct TrainCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "train-dbm",
    abstract: "Trains a detector on a workspace's features, labels and descriptions.",
    discussion: CommandExit.help,
    version: CommandExit.version,
    subcommands: [
      RunCommand.self, CompareCommand.self, ReproduceCommand.self, StepCommand.self,
      ModelsCommand.self, ExportCommand.self,
    ],
    defaultSubcommand: RunCommand.self)
}
