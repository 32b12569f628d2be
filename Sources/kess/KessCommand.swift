import ArgumentParser
import CommandSupport

/// Key frames, features, weights and demo data.
@main
struct KessCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "kess",
    abstract: "Key frames, snippet features, embeddings, model weights, demo data.",
    discussion: CommandExit.help,
    version: CommandExit.version,
    subcommands: [
      SelectCommand.self, CompareCommand.self, EvaluateCommand.self, FeaturesCommand.self,
      EncodeCommand.self, ModelsCommand.self, DoctorCommand.self, DemoDataCommand.self,
    ],
    defaultSubcommand: SelectCommand.self)
}
