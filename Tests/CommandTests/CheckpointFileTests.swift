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

  /// CLIP's towers of two layers under OpenAI's names, 64 wide, with the same numbers each time.
  private func clip(_ prefix: String, dimension: Int, hasVision: Bool) -> [(String, Tensor<Float>)]
  {
    var generator = SeededGenerator(seed: 5)
    var tensors: [(String, Tensor<Float>)] = []
    func add(_ name: String, _ shape: [Int]) {
      tensors.append(
        (prefix + name, Initialization.normal(shape, deviation: 0.2, generator: &generator)))
    }
    func layers(_ root: String) {
      for layer in 0..<2 {
        let path = "\(root)transformer.resblocks.\(layer)."
        for (name, rows, columns) in [
          ("attn.in_proj_", 192, 64), ("attn.out_proj.", 64, 64), ("mlp.c_fc.", 256, 64),
          ("mlp.c_proj.", 64, 256),
        ] {
          add(path + name + "weight", [rows, columns])
          add(path + name + "bias", [rows])
        }
        for name in ["ln_1.weight", "ln_1.bias", "ln_2.weight", "ln_2.bias"] {
          add(path + name, [64])
        }
      }
    }
    add("positional_embedding", [77, 64])
    add("text_projection", [64, dimension])
    add("token_embedding.weight", [49408, 64])
    for name in ["ln_final.weight", "ln_final.bias"] { add(name, [64]) }
    layers("")
    guard hasVision else { return tensors }
    add("visual.conv1.weight", [64, 3, 4, 4])
    add("visual.class_embedding", [64])
    add("visual.positional_embedding", [5, 64])
    for name in ["ln_pre.weight", "ln_pre.bias", "ln_post.weight", "ln_post.bias"] {
      add("visual." + name, [64])
    }
    add("visual.proj", [64, dimension])
    layers("visual.")
    return tensors
  }

  /// A small VadCLIP as its authors would save it: their names, the graph layers [in, out],
  /// prompts, and CLIP.
  private func writeReleased(_ name: String, width: Int, hasTower: Bool = true) throws {
    var generator = SeededGenerator(seed: 3)
    let family = try DetectorRegistry.standard.family("vadclip")
    let inputs = DetectorInputs(
      visualWidth: width, labelTextWidth: width, classes: (0..<14).map { "c\($0)" })
    let plan = try family.plan(
      preset: "ucf", hasBuiltInFeatures: false,
      sets: ["modelWidth=\(width)", "maximumSnippets=32"], inputs: inputs)
    let model = try DetectorModel(
      family, configuration: plan.configuration, inputs: plan.inputs,
      labels: .fixed(Tensor(shape: [14, width])), generator: &generator)
    let tensors = model.namedParameters.map { item -> (String, Tensor<Float>) in
      let isGraph = item.name.hasPrefix("gc") && item.name.split(separator: ".").count == 2
      return (item.name, isGraph ? item.variable.transposed().value : item.variable.value)
    }
    let prompts: Tensor<Float> = Initialization.normal(
      [77, 64], deviation: 0.2, generator: &generator)
    let own = hasTower ? clip("clipmodel.", dimension: width, hasVision: false) : []
    try Safetensors.write(
      tensors + [("text_prompt_embeddings.weight", prompts)] + own, to: folder.file(name))
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

  @Test("CLIP of a folder makes the class texts of a file without a tower, and may be scored")
  func towerOfAFolder() throws {
    try writeReleased("whole.safetensors", width: 8)
    try writeReleased("bare.safetensors", width: 8, hasTower: false)
    try Safetensors.write(
      clip("", dimension: 8, hasVision: true), to: folder.file("clip/model.safetensors"))
    let golden = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().appendingPathComponent("EncodersTests/Golden/clip")
    for name in ["tokenizer.json", "tokenizer_config.json"] {
      try FileManager.default.copyItem(
        at: golden.appendingPathComponent(name), to: folder.file("clip/\(name)"))
    }
    let sets = ["--set", "modelWidth=8", "--set", "maximumSnippets=32"]
    func imported(_ name: String, _ options: [String], exitCode: Int32 = 0) throws -> CommandRun {
      try run(
        "detect",
        ["import-checkpoint", "\(name).safetensors", "--out", "\(name)-out.safetensors"] + sets
          + options, exitCode: exitCode)
    }
    _ = try imported("whole", [])
    #expect(
      try imported("bare", [], exitCode: 65).standardError.contains("name the CLIP it was trained"))
    let made = try imported("bare", ["--clip-model", "clip", "--pool", "first"])
    #expect(made.standardOutput.contains("0 tensors of CLIP left out; --clip-model made"))
    #expect(made.standardOutput.contains("scores features of clip clip"))
    let checkpoints = try ["whole", "bare"].map {
      try DetectorCheckpoint(url: folder.file("\($0)-out.safetensors"))
    }
    #expect(checkpoints[1].record.pooling == "first")
    #expect(checkpoints[1].record.visualEncoder.weightsHash != nil)
    let texts = try ["whole", "bare"].map {
      try SafetensorsFile(url: folder.file("\($0)-out.safetensors")).tensor("label_embeddings")
    }
    #expect(texts[0] == texts[1])
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
