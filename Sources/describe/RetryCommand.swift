import ArgumentParser
import CommandSupport

struct RetryCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "retry",
    abstract: "Describes the videos of 'describe failed' again, and no others.",
    discussion: """
      The same as 'describe run --only-failed', with the same options: see 'describe run --help'.

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
