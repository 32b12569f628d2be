import ArgumentParser
import CommandSupport

/// Snippet features: extracting, planning, importing.
struct FeaturesCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "features",
    abstract: "Snippet features: one row for each 16 frames; plans and imports them too.",
    discussion: CommandExit.help,
    subcommands: [
      FeaturesRunCommand.self, FeaturesPlanCommand.self, FeaturesImportCommand.self,
    ],
    defaultSubcommand: FeaturesRunCommand.self)
}
