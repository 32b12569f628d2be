import ArgumentParser
import CommandSupport
import Foundation
import Pipeline
import Training

struct ExportCommand: PipelineCommand {
  static let configuration = CommandConfiguration(
    commandName: "export",
    abstract: "Writes a trained detector for other programs, as ONNX or safetensors.",
    discussion: """
      The visual path alone: raw snippet features [snippets, width] of one video to logits, \
      scores (as detect writes them, calibrated) and, where the model has them, class_logits. \
      Standardisation and the built-in features' own score are in it; descriptions, prompts and \
      the text tower, which only training reads, are not.

      onnx is a graph that ONNX Runtime runs (operators of version 17); class texts are \
      constants in it. safetensors is a checkpoint, as train-dbm writes it and with the same \
      metadata, less the tensors that only training reads: detect --checkpoint reads it, \
      nothing trains on from it. A checkpoint itself is a safetensors file already; this one is \
      smaller.

      \(CommandExit.help)
      """)

  @Option(help: ArgumentHelp("A checkpoint of train-dbm.", valueName: "file"))
  var checkpoint: String

  @Option(
    help: ArgumentHelp(
      "What to write. (default: by the ending of --out)", valueName: "safetensors|onnx"))
  var format: DetectorExport.Format?

  @Option(help: ArgumentHelp("Where it goes.", valueName: "file"))
  var out: String

  func validate() throws { _ = try wanted }

  private var wanted: DetectorExport.Format {
    get throws {
      let ending = URL(fileURLWithPath: out).pathExtension.lowercased()
      guard let wanted = format ?? DetectorExport.Format(rawValue: ending) else {
        throw ValidationError(
          "--out '\(out)' ends in neither .onnx nor .safetensors: give --format")
      }
      return wanted
    }
  }

  func execute() async throws {
    let checkpoint = try DetectorCheckpoint(url: URL(fileURLWithPath: checkpoint))
    let url = URL(fileURLWithPath: out)
    try DetectorExport(checkpoint).write(wanted, to: url, program: SoftwareVersions.kess)
    let plan = checkpoint.record.plan
    let bytes = try FileManager.default.attributesOfItem(atPath: url.path)[.size] as? Int ?? 0
    Console.result(
      "\(checkpoint.title), features [at most \(plan.inputs.maximumSnippets) snippets, "
        + "\(plan.inputs.visualWidth)]: \(url.path), \(bytes / 1000) kB")
  }
}

extension DetectorExport.Format: ExpressibleByArgument {}
