import ArgumentParser
import CommandSupport
import DescriptionFeatures
import Foundation
import Records

struct VerifyCommand: PipelineCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify",
    abstract: "Reads the text features completely and compares them with their checksums.",
    discussion: """
      Faults give exit code 2. Run embed again to replace damaged vectors.

      \(CommandExit.help)
      """)

  @OptionGroup var options: CacheOptions

  @Flag(help: "The findings as JSON.")
  var json = false

  func execute() async throws {
    let reports = try options.caches().map { try TextFeatureCheck($0).run() }
    if json {
      Console.result(try JSONRecord.encode(reports))
    } else {
      for report in reports {
        for fault in report.faults { Console.result(fault) }
        for name in report.strangers {
          Console.note("\(report.key): \(name) is not in the index; embed gc removes it")
        }
        Console.result(
          "\(report.key): \(report.vectors) vectors in \(report.shards) files, "
            + (report.faults.isEmpty ? "all well" : "\(report.faults.count) faults"))
      }
    }
    if reports.contains(where: { !$0.faults.isEmpty }) { throw CommandExit.someItemsFailed }
  }
}
