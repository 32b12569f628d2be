import Detectors
import Foundation
import NeuralNetworks
import Records
import Tensors
import TestSupport
import Testing
import Training

/// `train-dbm export` and `detect import-checkpoint`.
@Suite(.blocking) struct CheckpointFileTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func run(_ command: String, _ arguments: [String], exitCode: Int32 = 0) throws
    -> CommandRun
  {
    let run = try CommandRun.run(command, arguments, in: folder.url)
    #expect(run.exitCode == exitCode, "\(command) \(arguments): \(run.standardError)")
    return run
  }

  /// A small VadCLIP as its authors would save it: their names, the graph layers [in, out],
  /// prompts, and CLIP's text tower of two layers.
  private func writeReleased(_ name: String, width: Int) throws {
    var generator = SeededGenerator(seed: 3)
    func random(_ shape: [Int]) -> Tensor<Float> {
      Initialization.normal(shape, deviation: 0.2, generator: &generator)
    }
    let family = try DetectorRegistry.standard.family("vadclip")
    let inputs = DetectorInputs(
      visualWidth: width, labelTextWidth: width, classes: (0..<14).map { "c\($0)" })
    let plan = try family.plan(
      preset: "ucf", hasBuiltInFeatures: false,
      sets: ["modelWidth=\(width)", "maximumSnippets=32"], inputs: inputs)
    let model = try DetectorModel(
      family, configuration: plan.configuration, inputs: plan.inputs,
      labels: .fixed(Tensor(shape: [14, width])), generator: &generator)
    var tensors = model.namedParameters.map { item -> (String, Tensor<Float>) in
      let isGraph = item.name.hasPrefix("gc") && item.name.split(separator: ".").count == 2
      return (item.name, isGraph ? item.variable.transposed().value : item.variable.value)
    }
    let tower = 64
    tensors += [
      ("text_prompt_embeddings.weight", random([77, tower])),
      ("clipmodel.positional_embedding", random([77, tower])),
      ("clipmodel.text_projection", random([tower, width])),
      ("clipmodel.token_embedding.weight", random([49408, tower])),
      ("clipmodel.ln_final.weight", random([tower])), ("clipmodel.ln_final.bias", random([tower])),
    ]
    for layer in 0..<2 {
      let path = "clipmodel.transformer.resblocks.\(layer)."
      for (name, rows, columns) in [
        ("attn.in_proj_", 3 * tower, tower), ("attn.out_proj.", tower, tower),
        ("mlp.c_fc.", 4 * tower, tower), ("mlp.c_proj.", tower, 4 * tower),
      ] {
        tensors.append((path + name + "weight", random([rows, columns])))
        tensors.append((path + name + "bias", random([rows])))
      }
      for name in ["ln_1.", "ln_2."] {
        tensors.append((path + name + "weight", random([tower])))
        tensors.append((path + name + "bias", random([tower])))
      }
    }
    try Safetensors.write(tensors, to: folder.file(name))
  }

  @Test("released weights are imported, score imported features, and are exported again")
  func importedWeightsScore() throws {
    try writeReleased("released.safetensors", width: 8)
    let sets = ["--set", "modelWidth=8", "--set", "maximumSnippets=32"]
    let imported = try run(
      "detect",
      ["import-checkpoint", "released.safetensors", "--out", "vadclip.safetensors"] + sets)
    #expect(imported.standardOutput.contains("VadCLIP imported from released.safetensors"))
    #expect(imported.standardOutput.contains("preset ucf, 14 classes"))
    #expect(imported.standardOutput.contains("29 tensors of CLIP left out; its text tower"))

    try ReleasedFeatureFiles.write(to: folder)
    _ = try run("kess", ReleasedFeatureFiles.importArguments)
    let detected = try run(
      "detect",
      ["--dataset", "ucf", "--checkpoint", "vadclip.safetensors", "--evaluate", "--json"])
    #expect(detected.standardOutput.contains("\"videos\" : 4"))

    for out in ["vadclip.onnx", "visual.safetensors"] {
      let exported = try run(
        "train-dbm", ["export", "--checkpoint", "vadclip.safetensors", "--out", out])
      #expect(exported.standardOutput.contains("VadCLIP, features [at most 32 snippets, 8]"))
    }
    // The smaller checkpoint scores as the whole one, to the bit.
    let again = try run(
      "detect",
      ["--dataset", "ucf", "--checkpoint", "visual.safetensors", "--evaluate", "--json"])
    #expect(again.standardOutput == detected.standardOutput)
    let sizes = try ["vadclip.safetensors", "visual.safetensors"].map {
      try Data(contentsOf: folder.file($0)).count
    }
    #expect(sizes[1] < sizes[0])
  }

  @Test("files that are none, or would be overwritten, and wrong options are refused")
  func refused() throws {
    try Data("no checkpoint".utf8).write(to: folder.file("a.pth"))
    let damaged = try run(
      "detect", ["import-checkpoint", "a.pth", "--out", "b.safetensors"], exitCode: 65)
    #expect(damaged.standardError.contains("a.pth"))
    let absent = try run(
      "detect", ["import-checkpoint", "none.pth", "--out", "b.safetensors"], exitCode: 65)
    #expect(absent.standardError.contains("none.pth"))
    let pool = try run(
      "detect", ["import-checkpoint", "a.pth", "--out", "b", "--pool", "first"], exitCode: 64)
    #expect(pool.standardError.contains("--clip-model"))

    try writeReleased("c.safetensors", width: 8)
    let same = try run(
      "detect", ["import-checkpoint", "c.safetensors", "--out", "c.safetensors"], exitCode: 64)
    #expect(same.standardError.contains("is the file that is read"))
    let other = try run(
      "detect", ["import-checkpoint", "c.safetensors", "--out", "d.safetensors"], exitCode: 65)
    #expect(other.standardError.contains("expected [256, 512]"))

    let ending = try run(
      "train-dbm", ["export", "--checkpoint", "c.safetensors", "--out", "d.bin"], exitCode: 64)
    #expect(ending.standardError.contains("give --format"))
    let bare = try run(
      "train-dbm", ["export", "--checkpoint", "c.safetensors", "--out", "d.onnx"], exitCode: 65)
    #expect(bare.standardError.contains("not a detector checkpoint"))
  }
}
