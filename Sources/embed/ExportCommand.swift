import ArgumentParser
import CommandSupport
import DescriptionFeatures
import Foundation
import Pipeline

struct ExportCommand: PipelineCommand {
  static let configuration = CommandConfiguration(
    commandName: "export",
    abstract: "Writes vectors for other programs.",
    discussion: """
      --npy a.npy writes one matrix, and the owners of its rows in a.owners.txt; --npy with a \
      folder's name writes one file a video, as most published code reads them.

      \(CommandExit.help)
      """)

  @OptionGroup var options: CacheOptions

  @Option(
    help: ArgumentHelp("NumPy: a file, or a folder with one file per video.", valueName: "path"))
  var npy: String?

  @Option(help: ArgumentHelp("One matrix with owners and recipe.", valueName: "file"))
  var safetensors: String?

  @Option(help: ArgumentHelp("One JSON object per line: text and vector.", valueName: "file"))
  var jsonl: String?

  @Option(help: "Which texts.")
  var level: TextLevel = .whole

  func validate() throws {
    guard npy != nil || safetensors != nil || jsonl != nil else {
      throw ValidationError("give --npy, --safetensors or --jsonl")
    }
  }

  func execute() async throws {
    let export = try TextFeatureExport(options.cache(), level: level)
    guard try export.count() > 0 else {
      throw PipelineError.notReady(
        subject: "embed export", finding: "no texts of the level '\(level.rawValue)'",
        remedy: "run embed with --levels")
    }
    if let npy {
      let url = URL(fileURLWithPath: npy)
      let isMatrix = url.pathExtension.lowercased() == "npy"
      show(try isMatrix ? export.writeMatrix(to: url) : export.writeFiles(to: url), in: npy)
    }
    if let safetensors {
      show(try export.writeSafetensors(to: URL(fileURLWithPath: safetensors)), in: safetensors)
    }
    if let jsonl { show(try export.writeLines(to: URL(fileURLWithPath: jsonl)), in: jsonl) }
  }

  private func show(_ count: Int, in path: String) {
    Console.result("\(count) vectors in \(path)")
  }
}
