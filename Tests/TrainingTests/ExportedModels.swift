import Detectors
import Foundation
import NeuralNetworks
import Records
import Tensors
import Training

/// Small models of every family and preset, trained a few steps, as checkpoints.
struct ExportedModel {
  let name: String
  let checkpoint: DetectorCheckpoint

  static let width = 24
  static let maximum = 256

  /// The families' presets: `vadclip.ucf`, `vadclip.masked`, ...
  static let names = DetectorRegistry.standard.families.flatMap { family in
    family.presets.map { "\(family.name).\($0.name)" }
  }

  private static let inputs: DetectorInputs = {
    var inputs = DetectorInputs(
      visualWidth: width, textWidth: 12, labelTextWidth: 10,
      classes: ["normal", "fight", "fire", "fall", "riot"])
    inputs.maximumSnippets = maximum
    inputs.priorColumns = [1, 4, 9]
    return inputs
  }()

  /// - Parameters:
  ///   - name: of `names`.
  ///   - sets: settings beside the preset's.
  init(_ name: String, sets: [String] = [], calibration: ScoreCalibration? = nil, in folder: URL)
    throws
  {
    self.name = name
    let parts = name.split(separator: ".").map(String.init)
    let family = try DetectorRegistry.standard.family(parts[0])
    let plan = try family.plan(
      preset: parts[1], hasBuiltInFeatures: parts[1] == "builtin",
      sets: ["modelWidth=16"] + sets, inputs: Self.inputs)
    var generator = SeededGenerator(seed: 4, purpose: name)
    let labels: Tensor<Float> = Initialization.normal([5, 10], deviation: 1, generator: &generator)
    let model = try DetectorModel(
      family, configuration: plan.configuration, inputs: plan.inputs, labels: .fixed(labels),
      generator: &generator)
    model.setStandardization(
      means: (0..<Self.width).map { Float($0) / 10 },
      deviations: (0..<Self.width).map { 0.5 + Float($0) / 20 })
    try Self.train(model, generator: &generator)
    var record = CheckpointRecord(
      plan: plan,
      visualEncoder: EncoderIdentity(kind: "builtin", model: "synthetic", dimension: Self.width),
      pooling: "builtin", dataset: "synthetic", calibration: calibration)
    record.isComplete = true
    let url = folder.appendingPathComponent(name + ".safetensors")
    try DetectorCheckpoint.save(model, record: record, to: url)
    checkpoint = try DetectorCheckpoint(url: url)
  }

  private static func train(_ model: DetectorModel, generator: inout SeededGenerator) throws {
    let lengths = [20, 9, 1, 14]
    let (features, _) = model.padded(lengths.map { self.features($0, &generator) })
    let texts: Tensor<Float> = Initialization.normal([4, 12], deviation: 1, generator: &generator)
    let batch = DetectorBatch(
      features: features, lengths: lengths, targets: Tensor(shape: [4], scalars: [0, 1, 0, 1]),
      classIndices: [[0], [1], [0], [2, 3]], describedRows: [0, 1, 2, 3], descriptions: texts)
    var optimizer = AdamW(
      model.namedParameters.filter { !$0.name.hasPrefix("standardization") }.map(\.variable),
      learningRate: 0.002, weightDecay: 0.01)
    for _ in 0..<3 {
      model.losses(batch).total()?.backward()
      optimizer.step()
      model.clearGradients()
    }
  }

  /// Features around a centre, so that cosines lie on both sides of the graphs' threshold.
  static func features(_ length: Int, _ generator: inout SeededGenerator) -> Tensor<Float> {
    let centre = (0..<width).map { _ in Float(generator.nextNormal()) }
    return Tensor(
      shape: [length, width],
      scalars: (0..<length).flatMap { _ in
        centre.map { $0 + 0.6 * Float(generator.nextNormal()) }
      })
  }
}
