import ArgumentParser
import CommandSupport

/// Descriptions of a data set's videos.
@main
struct DescribeCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "describe",
    abstract: "One description a video, from a vision-language model server or the built-in.",
    discussion: CommandExit.help,
    version: CommandExit.version,
    subcommands: [
      RunCommand.self, PlanCommand.self, StatusCommand.self, FailedCommand.self, RetryCommand.self,
      VerifyCommand.self, ExportCommand.self, ImportCommand.self, MergeCommand.self,
      DoctorCommand.self,
    ],
    defaultSubcommand: RunCommand.self)
}
