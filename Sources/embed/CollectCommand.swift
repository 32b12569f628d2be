import ArgumentParser
import CommandSupport
import DescriptionFeatures
import Foundation
import Records

struct CollectCommand: PipelineCommand {
  static let configuration = CommandConfiguration(
    commandName: "gc",
    abstract: "Removes unused vectors and files.",
    discussion: """
      Unused are the vectors of changed descriptions, and of videos that are no longer \
      described. Files with gaps are written together.

      \(CommandExit.help)
      """)

  @OptionGroup var options: CacheOptions

  @Flag(help: "List what would be removed, and change nothing.")
  var dryRun = false

  @Flag(help: "The result as JSON.")
  var json = false

  func execute() async throws {
    let reports = try options.caches().map { try TextFeatureCleanup($0, isTrial: dryRun).run() }
    if json { return Console.result(try JSONRecord.encode(reports)) }
    for report in reports {
      Console.result(
        "\(report.key): \(report.vectors) unused vectors, \(report.files.count) files, "
          + "\(report.bytes) bytes \(dryRun ? "would go" : "removed")"
          + (report.isRemoved ? "; nothing is left of it" : ""))
    }
  }
}
