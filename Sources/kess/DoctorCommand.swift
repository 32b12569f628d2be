import ArgumentParser
import CommandSupport
import Foundation
import HTTP
import Records

struct DoctorCommand: PipelineCommand {
  static let configuration = CommandConfiguration(
    commandName: "doctor",
    abstract:
      "Checks this machine: codecs, processor, matrix kernels, weights, resources, servers.",
    discussion: """
      'absent' marks optional things, 'missing' required ones; the exit code is 1 if a required one \
      is missing.

      \(CommandExit.help)
      """)

  @Option(
    help: ArgumentHelp(
      "A server to check; may be repeated. (default: KESS_ENDPOINT, else \(ServerEndpoint.defaultBase))",
      valueName: "url"))
  var endpoint: [String] = []

  @Flag(help: "JSON on stdout.")
  var json = false

  @OptionGroup var resources: ResourceOptions

  func execute() async throws {
    let named = ProcessInfo.processInfo.environment[DescriberOptions.endpointVariable]
    let report = await DoctorReport(
      endpoints: endpoint.isEmpty ? [named ?? ServerEndpoint.defaultBase] : endpoint,
      resources: resources)
    if json {
      Console.result(try JSONRecord.encode(report))
    } else {
      var table = TextTable(["subject", "state", "detail"])
      for finding in report.findings {
        table.add([finding.subject, finding.state.rawValue, finding.detail])
      }
      for line in table.lines { Console.result(line) }
    }
    guard report.isComplete else { throw CommandExit.failed }
  }
}
