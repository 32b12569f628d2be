import ArgumentParser
import CommandSupport
import Foundation
import Pipeline
import Records

/// Runs `kess-demo-data`, which lies beside this program in a checkout, as git runs `git-foo`.
struct DemoDataCommand: PipelineCommand {
  static let configuration = CommandConfiguration(
    commandName: "demo-data",
    abstract: "Renders a labelled data set of surveillance-like clips (in a checkout).",
    // The program has its own help.
    helpNames: [])

  @Argument(parsing: .captureForPassthrough, help: "See 'kess demo-data --help'.")
  var arguments: [String] = []

  func execute() async throws {
    let name = "kess-demo-data"
    let folder = ResourceFolders.executable?.deletingLastPathComponent()
    let program = folder.map { $0.appendingPathComponent(name).path } ?? name
    // Returns only where the program cannot be run.
    let words = [program] + arguments
    var pointers = words.map { strdup($0) } + [nil]
    execv(program, &pointers)
    throw PipelineError.notReady(
      subject: program, finding: String(cString: strerror(errno)),
      remedy: "it is not installed: run 'make demo-data' in a checkout, then "
        + "'.build/release/kess demo-data'")
  }
}
