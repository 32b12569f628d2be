import ArgumentParser
import CommandSupport
import Detectors
import Foundation
import Records
import Tensors
import Training

struct StepCommand: PipelineCommand {
  static let configuration = CommandConfiguration(
    commandName: "step",
    abstract: "One training step on tensors of a file: losses and every gradient.",
    discussion: """
      For holding a step against your own code. The batch is a safetensors file with features \
      [videos, snippets, width], lengths [videos], labels [videos, classes] (multi-hot, class 0 \
      normal), class_embeddings [classes, width] and, for a model that reads them, descriptions \
      [videos, width]. The result has logits [videos, snippets], class_logits, \
      loss.<term>, loss.total, gradient.<parameter> and, for a model with running statistics, \
      buffer.<name>; parameters and buffers have the names of the model's checkpoints \
      (Documentation/training.md).

      \(CommandExit.help)
      """)

  @Option(help: ArgumentHelp("The batch.", valueName: "file"))
  var batch: String

  @Option(
    help: ArgumentHelp(
      "Every parameter and buffer by its name, or a checkpoint. (default: fresh parameters by --seed)",
      valueName: "file"))
  var weights: String?

  @Option(help: ArgumentHelp("Where the result goes.", valueName: "file"))
  var out: String

  @OptionGroup var model: ModelOptions

  @Option(help: ArgumentHelp("Seeds fresh parameters.", valueName: "n"))
  var seed: UInt64 = 1

  @Option(
    help: ArgumentHelp(
      "Trains steps on these rows of the batch, a JSON list of lists, and writes the total "
        + "losses to --out as a JSON list.", valueName: "file"))
  var order: String?

  @Option(help: ArgumentHelp("Where the weights after --order go.", valueName: "file"))
  var trained: String?

  func validate() throws {
    guard trained == nil || order != nil else {
      throw ValidationError("--trained needs --order: a single step changes no weight")
    }
  }

  func execute() async throws {
    guard model.presets.count == 1 else {
      throw ValidationError("--preset names several; a step is of one")
    }
    let family = try model.model.map { try DetectorRegistry.standard.family($0) }
    let step = try SingleStep(
      family: family ?? DetectorRegistry.standard.standardFamily, preset: model.presets[0],
      sets: model.settings, batch: URL(fileURLWithPath: batch),
      weights: weights.map { URL(fileURLWithPath: $0) }, seed: seed)
    let url = URL(fileURLWithPath: out)
    if let order {
      let rows = try JSONRecord.read([[Int]].self, from: URL(fileURLWithPath: order))
      let losses = try step.curve(order: rows)
      try JSONRecord.write(losses, to: url)
      if let trained {
        try Safetensors.write(
          step.model.namedTensors.map { ($0.name, $0.tensor) },
          to: URL(fileURLWithPath: trained))
      }
      Console.result("\(losses.count) steps: \(losses.first ?? 0) to \(losses.last ?? 0)")
      return
    }
    let results = try step.run()
    try Safetensors.write(results.map { ($0.name, $0.tensor) }, to: url)
    for (name, tensor) in results where name.hasPrefix("loss.") {
      Console.result("\(name.dropFirst(5)): \(tensor.scalars[0])")
    }
    let gradients = results.count { $0.name.hasPrefix("gradient.") }
    Console.result("\(gradients) gradients in \(url.path)")
  }
}
