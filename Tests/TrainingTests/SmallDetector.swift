import Detectors
import NeuralNetworks
import Records
import Tensors
import Training

/// A small model for the synthetic videos.
enum SmallDetector {
  static func model(_ change: (inout DBVADConfiguration) -> Void = { _ in }) throws
    -> DBVAD<Float>
  {
    var configuration = DBVADConfiguration(
      visualWidth: 32, textWidth: 16, labelTextWidth: 8, modelWidth: 16,
      classes: ["normal", "fight", "fire", "fall"])
    change(&configuration)
    var generator = SeededGenerator(seed: 1, purpose: "model")
    let labels: Tensor<Float> = Initialization.normal([4, 8], deviation: 1, generator: &generator)
    return try DBVAD(configuration: configuration, labels: .fixed(labels), generator: &generator)
  }

  static func record(_ configuration: DBVADConfiguration, _ training: TrainingConfiguration)
    -> CheckpointRecord
  {
    CheckpointRecord(
      configuration: configuration, training: training,
      visualEncoder: ProvenanceLabel(
        kind: "clip", model: "openai/clip-vit-base-patch16", weightsHash: "aa", dimension: 32),
      descriptionEncoder: ProvenanceLabel(kind: "builtin", model: "ngrams-1", dimension: 16),
      labelEncoder: ProvenanceLabel(kind: "builtin", model: "ngrams-1", dimension: 8),
      pooling: "mean16", dataset: "synthetic")
  }
}
