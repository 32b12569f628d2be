import ArgumentParser
import CommandSupport

/// `kess demo-data`, a program of its own: what makes data sets is needed in a checkout only.
@main
struct DemoDataCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "kess demo-data",
    abstract: "Makes labelled data sets: rendered clips, or real clips joined.",
    discussion: CommandExit.help,
    version: CommandExit.version,
    subcommands: [RenderCommand.self, RealCommand.self],
    defaultSubcommand: RenderCommand.self)
}
