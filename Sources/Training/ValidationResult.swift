import Detectors
import Evaluation
import NeuralNetworks
import Tensors

/// How a model does on held-out training videos, by their video-level labels.
struct ValidationResult {
  /// Mean binary cross-entropy of the top-k mean scores.
  let loss: Double
  /// Nil where all videos are of one kind.
  let areaUnderROC: Double?

  init(model: DBVAD<Float>, samples: [TrainingSample]) throws {
    var scores: [Float] = []
    for sample in samples {
      let snippets = try model.anomalyScores(sample.features, subject: sample.videoID)
      let top = snippets.sorted(by: >).prefix(snippets.count / 16 + 1)
      scores.append(top.reduce(0, +) / Float(top.count))
    }
    let labels = samples.map(\.isAnomalous)
    let targets = Tensor<Float>(shape: [samples.count], scalars: labels.map { $0 ? 1 : 0 })
    loss = Double(
      BinaryCrossEntropy.ofProbabilities(
        Variable(Tensor(shape: [samples.count], scalars: scores)), targets: targets
      ).item)
    areaUnderROC = AreaUnderROC.compute(scores: scores, labels: labels)
  }
}
