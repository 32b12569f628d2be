import ArgumentParser
import CommandSupport
import DescriptionFeatures
import Foundation

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

  @Option(help: ArgumentHelp("NumPy: a file, or a folder of one file a video.", valueName: "path"))
  var npy: String?

  @Option(help: ArgumentHelp("One matrix with owners and recipe.", valueName: "file"))
  var safetensors: String?

  @Option(help: ArgumentHelp("One JSON object a line: text and vector.", valueName: "file"))
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
    guard export.count > 0 else {
      throw CommandError.notReady(
        subject: "embed export", finding: "no texts of the level '\(level.rawValue)'",
        remedy: "run embed with --levels")
    }
    if let npy {
      let url = URL(fileURLWithPath: npy)
      if url.pathExtension.lowercased() == "npy" {
        try export.writeMatrix(to: url)
      } else {
        try export.writeFiles(to: url)
      }
      Console.result("\(export.count) vectors in \(npy)")
    }
    if let safetensors {
      try export.writeSafetensors(to: URL(fileURLWithPath: safetensors))
      Console.result("\(export.count) vectors in \(safetensors)")
    }
    if let jsonl {
      try export.writeLines(to: URL(fileURLWithPath: jsonl))
      Console.result("\(export.count) vectors in \(jsonl)")
    }
  }
}
