import ArgumentParser
import CommandSupport
import Encoders
import Foundation
import Pipeline

struct ImportCheckpointCommand: PipelineCommand {
  static let configuration = CommandConfiguration(
    commandName: "import-checkpoint",
    abstract: "Makes a checkpoint of VadCLIP's or ClipFusionVAD's released weights.",
    discussion: """
      FILE is a state dictionary of PyTorch (.pth, .pt) or safetensors, by itself or inside a \
      training checkpoint, of any floating type. Only tensors are read; nothing in the file is \
      executed. Every tensor must be there with its shape. CLIP's own, under clipmodel., are \
      counted; its text tower makes the class texts once. detect --checkpoint then scores \
      released features ('kess features import') with it.

      \(CommandExit.help)
      """)

  @Argument(help: "The released file.")
  var file: String

  @Option(help: ArgumentHelp("Where the checkpoint goes.", valueName: "file"))
  var out: String

  @Option(
    help: ArgumentHelp(
      "The detector. (default: by the names of the tensors)", valueName: "vadclip|clipfusion"))
  var model: String?

  @Option(
    help: ArgumentHelp(
      "The data set that it was trained on, with ablations where it had any. (default: by the "
        + "number of layers)", valueName: "ucf|xd"))
  var preset: String?

  @Option(
    name: .customLong("set"), parsing: .singleValue,
    help: ArgumentHelp(
      "A setting that it was trained with, listed by 'train-dbm models'; repeatable.",
      valueName: "key=value"))
  var sets: [String] = []

  @Option(
    help: ArgumentHelp(
      "CLIP weights, as for train-dbm: for files without a text tower, and for --pool.",
      valueName: "dir|id"))
  var clipModel: String?

  @Option(
    name: [.customLong("pool"), .customLong("pooling")],
    help: ArgumentHelp(
      "Score features that --clip-model extracts with this pooling, in place of the released "
        + "ones. How these were pooled is not published, so expect lower scores.",
      valueName: "mean16|first|centre"))
  var pooling: CLIPSnippetEncoder.Pooling?

  func validate() throws {
    guard pooling == nil || clipModel != nil else {
      throw ValidationError("--pool needs --clip-model, whose features are to be scored")
    }
  }

  func execute() async throws {
    let url = URL(fileURLWithPath: out)
    let result = try CheckpointImport(
      URL(fileURLWithPath: file),
      options: CheckpointImport.Options(
        model: model, preset: preset, sets: sets, clip: clipModel.map { CLIPWeights($0) },
        pooling: pooling)
    ).run(to: url, reporter: .console())
    let plan = result.record.plan
    Console.result(
      "\(result.title) \(result.record.provenance): preset \(plan.presets.joined(separator: "+")), "
        + "\(plan.inputs.classes.count) classes, \(result.parameters) parameters: \(url.path)")
    Console.result(
      result.usesOwnTower
        ? "\(result.clipTensors) tensors of CLIP left out; its text tower made the class texts"
        : "\(result.clipTensors) tensors of CLIP left out; --clip-model made the class texts")
    Console.result("scores features of \(result.record.visualEncoder)")
  }
}
