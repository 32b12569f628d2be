import Detectors
import Foundation
import NeuralNetworks
import Records
import Tensors
import TestSupport
import Testing
import Training

@Suite struct DetectorExportTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  @Test("the smaller checkpoint scores to the same bit, of every family and preset", .blocking)
  func visualCheckpoint() throws {
    var generator = SeededGenerator(seed: 2)
    let features = ExportedModel.features(40, &generator)
    for name in ExportedModel.names {
      let made = try ExportedModel(name, in: folder.url)
      let out = folder.file("visual.safetensors")
      try DetectorExport(made.checkpoint).write(.safetensors, to: out, program: "test")
      let visual = try DetectorCheckpoint(url: out)
      #expect(
        try visual.model().scores(features) == made.checkpoint.model().scores(features), "\(name)")
      #expect(
        visual.record.plan == made.checkpoint.record.plan && visual.record.isVisualPath == true)
      let whole = try SafetensorsFile(url: made.checkpoint.url)
      let names = try SafetensorsFile(url: out).names
      #expect(Set(names).isSubset(of: whole.names), "\(name)")
      let training = [
        "semantic_focus", "description", "label_prompt", "text_prompt", "disAdj", "num_batches",
      ]
      #expect(
        !names.contains { name in training.contains { name.contains($0) } }, "\(name): \(names)")
      // What only training reads is all that is missing.
      let missing = Set(whole.names).subtracting(names)
      #expect(
        missing.allSatisfy { name in
          training.contains { name.contains($0) } || name.hasPrefix("label_projection")
            || made.name.hasSuffix("no-alignment") && name.hasPrefix("mlp1")
        }, "\(name): \(missing)")
    }
  }

  @Test("equal checkpoints give equal bytes; another model, others")
  func bytes() throws {
    let one = try ExportedModel("vadclip.ucf", in: folder.url)
    let other = try ExportedModel("dbvad.clip", in: folder.url)
    func written(_ model: ExportedModel, _ format: DetectorExport.Format) throws -> Data {
      let out = folder.file("out")
      try DetectorExport(model.checkpoint).write(format, to: out, program: "test")
      return try Data(contentsOf: out)
    }
    for format in DetectorExport.Format.allCases {
      #expect(try written(one, format) == written(one, format))
      #expect(try written(one, format) != written(other, format))
    }
    // The file names the weights as the checkpoint does.
    let bytes = try written(one, .onnx)
    for name in ["temporal.resblocks.0.attn.in_proj_weight", "gc1.weight", "class_texts"] {
      #expect(bytes.range(of: Data(name.utf8)) != nil, "\(name)")
    }
    #expect(bytes.range(of: Data("text_prompt".utf8)) == nil)
  }

  @Test("a smaller checkpoint that lacks a tensor, or has another, is refused by name")
  func damaged() throws {
    let made = try ExportedModel("dbvad.clip", in: folder.url)
    let out = folder.file("visual.safetensors")
    try DetectorExport(made.checkpoint).write(.safetensors, to: out, program: "test")
    let file = try SafetensorsFile(url: out)
    let name = "classifier.output.weight"
    func rewritten(_ tensors: [(String, Tensor<Float>)]) throws -> URL {
      let url = folder.file("other.safetensors")
      try Safetensors.write(tensors, metadata: file.metadata, to: url)
      return url
    }
    let all = try file.names.map { ($0, try file.tensor($0)) }
    let missing = try rewritten(all.filter { $0.0 != name })
    #expect(
      throws: TrainingError.missingTensor(path: missing.path, name: name, expected: [1, 16])
    ) { try DetectorCheckpoint(url: missing) }
    let surplus = try rewritten(all + [("semantic_focus.ffn.c_fc.bias", Tensor(shape: [64]))])
    #expect(throws: TrainingError.self) { try DetectorCheckpoint(url: surplus) }
  }

  @Test("the checkpoint itself is not written over, by any path to it")
  func ontoItself() throws {
    let made = try ExportedModel("vadclip.xd", in: folder.url)
    let link = folder.file("link.safetensors")
    try FileManager.default.createSymbolicLink(at: link, withDestinationURL: made.checkpoint.url)
    for url in [made.checkpoint.url, link] {
      #expect(throws: TrainingError.wouldReplaceSource(path: url.path)) {
        try DetectorExport(made.checkpoint).write(.safetensors, to: url, program: "test")
      }
    }
  }
}
