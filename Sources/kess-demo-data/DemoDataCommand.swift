import ArgumentParser
import CommandSupport

/// `kess demo-data`, a program of its own: what makes data sets is needed in a checkout only.
@main
struct DemoDataCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "kess demo-data",
    abstract: "Makes labelled data sets: rendered clips, or real clips joined.",
    discussion: """
      Without a subcommand it renders: kess demo-data --out demo/data --seed 7 is kess demo-data \
      render with the same options.

      \(CommandExit.help)
      """,
    version: CommandExit.version,
    subcommands: [RenderCommand.self, RealCommand.self, RealTableCommand.self],
    defaultSubcommand: RenderCommand.self)
}
