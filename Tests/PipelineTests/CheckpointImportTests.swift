import Datasets
import Detectors
import Foundation
import Pipeline
import Records
import Tensors
import TestSupport
import Testing
import Training

/// Checkpoints that PyTorch writes as VadCLIP's authors do (`make_released_vadclip.py`).
@Suite(.enabled(if: Python.torch != nil), .blocking, .serialized) struct CheckpointImportTests {
  /// The files, made once.
  private static let made = Result { () throws -> TemporaryFolder in
    let folder = try TemporaryFolder()
    let here = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    let run = try CommandRun.run(
      try #require(Python.torch),
      [
        here.appendingPathComponent("make_released_vadclip.py").path,
        here.appendingPathComponent("../../Benchmarks").standardized.path, folder.url.path,
      ], in: folder.url)
    try #require(run.exitCode == 0, "\(run.standardError)")
    return folder
  }

  private let folder: TemporaryFolder
  private let out: URL

  init() throws {
    folder = try Self.made.get()
    out = folder.file("imported-\(UUID().uuidString).safetensors")
  }

  private static let small = ["modelWidth=16", "maximumSnippets=20"]

  @discardableResult
  private func take(
    _ name: String, preset: String? = nil, sets: [String] = small, clip: CLIPWeights? = nil
  ) throws -> CheckpointImport.Result {
    try CheckpointImport(
      folder.file(name + ".pth"),
      options: CheckpointImport.Options(preset: preset, sets: sets, clip: clip)
    ).run(to: out)
  }

  /// What the imported checkpoint gives beside what PyTorch gives.
  private func expectScores(as values: String) throws {
    let model = try DetectorCheckpoint(url: out).model()
    func stored(_ name: String) throws -> Tensor<Float> {
      try Npy.read(folder.file("\(values).\(name).npy"))
    }
    let scores = try model.scores(stored("features"))
    func difference(_ a: [Float], _ b: [Float]) -> Float {
      guard a.count == b.count else { return .infinity }
      return zip(a, b).map { abs($0 - $1) }.max() ?? .infinity
    }
    let logits = try stored("logits").scalars
    #expect(difference(scores.logits, logits) < 1e-5 * (logits.map(abs).max() ?? 0))
    let classLogits = try stored("class_logits")
    let classes = classLogits.shape[1]
    let shares = (0..<classLogits.shape[0]).flatMap { row -> [Float] in
      let own = classLogits[row: row].scalars
      let powers = own.map { Float.exponential($0 - (own.max() ?? 0)) }
      return powers.map { $0 / powers.reduce(0, +) }
    }
    #expect(scores.classes?.shape == [logits.count, classes])
    #expect(difference(try #require(scores.classes).scalars, shares) < 2e-5)
  }

  @Test(
    "released weights score as PyTorch's own, in any element type and for both data sets",
    arguments: ["ucf.plain", "ucf.half", "ucf.bfloat", "xd.plain", "ucf.fusion"])
  func scores(name: String) throws {
    let result = try take(name)
    try expectScores(as: name)
    let record = try DetectorCheckpoint(url: out).record
    #expect(record == result.record && record.isComplete)
    let isUCF = name.hasPrefix("ucf")
    #expect(record.plan.presets == [isUCF ? "ucf" : "xd"])
    #expect(record.plan.model == (name == "ucf.fusion" ? "clipfusion" : "vadclip"))
    #expect(record.dataset == (isUCF ? "ucf-crime" : "xd-violence"))
    #expect(record.plan.inputs.classes.count == (isUCF ? 14 : 7))
    #expect(
      record.origin
        == CheckpointOrigin(
          file: name + ".pth", contentHash: try ContentHash.ofFile(at: folder.file(name + ".pth"))))
    #expect(result.clipTensors == 33 && result.usesOwnTower)
  }

  @Test("names behind module., and weights inside a training checkpoint, are found")
  func wrapped() throws {
    for variant in ["ucf.module", "ucf.wrapped"] {
      try take(variant)
      try expectScores(as: "ucf.other")
    }
  }

  @Test("the learned prompts are kept, and the class texts with them")
  func prompts() throws {
    try take("ucf.plain")
    let file = try SafetensorsFile(url: out)
    #expect(file.shape(of: "text_prompt_embeddings.weight") == [77, 128])
    #expect(file.shape(of: "label_embeddings") == [14, 16])
    #expect(!file.names.contains { $0.hasPrefix("clipmodel.") })
  }

  private func error(_ name: String, preset: String? = nil, sets: [String] = small) -> String {
    do {
      try take(name, preset: preset, sets: sets)
      return "no error"
    } catch let error as any ReportableError {
      return error.description
    } catch {
      return "unreported: \(error)"
    }
  }

  @Test("what is missing, surplus, misshapen or damaged is named with found and expected")
  func faults() throws {
    let missing = error("ucf.missing")
    #expect(
      missing.contains("'gc3.weight' is missing, expected [16, 8]")
        && missing.contains("'mlp1.c_fc.bias' is missing, expected [64]"))
    #expect(missing.contains("ucf.missing.pth"))
    #expect(error("ucf.surplus").contains("'stray.weight' [3, 2], which the model does not have"))
    #expect(error("ucf.misshapen").contains("'classifier.weight' [1, 8], expected [1, 16]"))
    #expect(error("ucf.nonfinite").contains("'linear.bias' has a non-finite number at index 3"))
    #expect(!FileManager.default.fileExists(atPath: out.path))
  }

  @Test("without a text tower in the file CLIP's own is asked for")
  func towerless() {
    #expect(error("ucf.towerless").contains("--clip-model"))
  }

  @Test("another size, data set or family is told by the first differences")
  func otherSettings() throws {
    #expect(error("ucf.plain", sets: []).contains("expected [256, 512]"))
    #expect(error("ucf.plain", preset: "xd").contains("which the model does not have"))
    #expect(error("ucf.plain", preset: "builtin").contains("preset 'builtin'"))
    #expect(
      error("xd.plain", sets: Self.small + ["transformerLayers=3"]).contains("--preset ucf"))
  }

  @Test("the classes are those of our descriptors, in the order of the released label maps")
  func classes() throws {
    for (name, file) in [("ucf", "ucf.plain"), ("xd", "xd.plain")] {
      let result = try take(file)
      let descriptor = try #require(
        try DatasetCatalog.descriptor(named: name, in: ResourceFolders.find().datasets))
      #expect(result.record.plan.inputs.classes == descriptor.classes.map(\.name))
      #expect(result.record.dataset == descriptor.name)
    }
  }
}
