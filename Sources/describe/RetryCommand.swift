import ArgumentParser
import CommandSupport

struct RetryCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "retry",
    abstract: "Asks again about the videos that 'describe failed' lists, and no others.",
    discussion: """
      The same as 'describe run --only-failed': takes the same options, which 'describe run \
      --help' lists.

      \(CommandExit.help)
      """)

  @Argument(
    parsing: .allUnrecognized,
    help: ArgumentHelp("Options of 'describe run'.", valueName: "options"))
  var options: [String] = []

  func run() async throws {
    try await RunCommand.parse(options + ["--only-failed"]).run()
  }
}
