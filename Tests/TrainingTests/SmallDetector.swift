import Detectors
import NeuralNetworks
import Records
import Tensors
import Training

/// A small DBVAD, or another model, for the synthetic videos.
enum SmallDetector {
  static let family = DetectorRegistry.standard.standardFamily

  /// A plan with the settings of the small model and others.
  static func plan(
    _ sets: [String] = [], preset: String = "", family: DetectorFamily = Self.family
  ) throws -> DetectorPlan {
    try family.plan(
      preset: preset, hasBuiltInFeatures: false, sets: ["modelWidth=16"] + sets,
      inputs: DetectorInputs(
        visualWidth: 32, textWidth: 16, labelTextWidth: 8,
        classes: ["normal", "fight", "fire", "fall"]))
  }

  static func model(_ plan: DetectorPlan? = nil) throws -> DetectorModel {
    let plan = try plan ?? Self.plan()
    var generator = SeededGenerator(seed: 1, purpose: "model")
    let labels: Tensor<Float> = Initialization.normal([4, 8], deviation: 1, generator: &generator)
    let model = try DetectorModel(
      DetectorRegistry.standard.family(plan.model), configuration: plan.configuration,
      inputs: plan.inputs, labels: .fixed(labels),
      generator: &generator)
    // Other tests change the process's number meanwhile.
    model.threads = 2
    return model
  }

  static func record(_ training: TrainingConfiguration, plan: DetectorPlan? = nil) throws
    -> CheckpointRecord
  {
    var plan = try plan ?? Self.plan()
    plan.training = training
    return CheckpointRecord(
      plan: plan,
      visualEncoder: EncoderIdentity(
        kind: "clip", model: "openai/clip-vit-base-patch16", weightsHash: "aa", dimension: 32),
      descriptionEncoder: EncoderIdentity(kind: "builtin", model: "ngrams-1", dimension: 16),
      labelEncoder: EncoderIdentity(kind: "builtin", model: "ngrams-1", dimension: 8),
      pooling: "mean16", dataset: "synthetic")
  }
}
