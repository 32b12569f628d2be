import ArgumentParser
import CommandSupport

/// Embeds a workspace's descriptions.
@main
struct EmbedCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "embed",
    abstract: "Text features of the descriptions.",
    discussion: CommandExit.help,
    version: CommandExit.version,
    subcommands: [
      RunCommand.self, InfoCommand.self, QualityCommand.self, NeighboursCommand.self,
      ExportCommand.self, VerifyCommand.self, CollectCommand.self,
    ],
    defaultSubcommand: RunCommand.self)
}
