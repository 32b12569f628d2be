import Detectors
import Evaluation
import NeuralNetworks
import Tensors

/// What one step gave: a line of the run's `steps.jsonl`.
public struct StepMetrics: Codable, Sendable, Equatable {
  /// Counted from 1 over the whole training.
  public var step: Int
  /// Counted from 1.
  public var epoch: Int
  public var learningRate: Double
  /// What was minimised: the weighted sum of the terms.
  public var loss: Double
  /// The loss terms by name, before their weights.
  public var losses: [String: Double]
  /// Wall time.
  public var seconds: Double

  package init(
    step: Int, epoch: Int, learningRate: Double, loss: Double, losses: [String: Double],
    seconds: Double
  ) {
    self.step = step
    self.epoch = epoch
    self.learningRate = learningRate
    self.loss = loss
    self.losses = losses
    self.seconds = seconds
  }
}

/// What one epoch gave: a line of the run's `metrics.jsonl`.
public struct EpochMetrics: Codable, Sendable, Equatable {
  /// Counted from 1.
  public var epoch: Int
  public var steps: Int
  public var learningRate: Double
  /// Mean over the epoch's steps.
  public var loss: Double
  /// The loss terms' means over the steps that had them, by name.
  public var losses: [String: Double]
  /// Binary loss of the held-out training videos.
  public var validationLoss: Double?
  /// Area under ROC of the held-out training videos by their top-k mean score.
  public var validationAUC: Double?
  /// The best measurement of the test set in the epoch, where that chooses the weights.
  public var testScore: Double?
  /// Whether these weights are the ones to keep so far.
  public var isBest: Bool
  /// Wall time.
  public var seconds: Double

  package init(
    epoch: Int, steps: Int, learningRate: Double, loss: Double, losses: [String: Double],
    validationLoss: Double? = nil, validationAUC: Double? = nil, isBest: Bool, seconds: Double
  ) {
    self.epoch = epoch
    self.steps = steps
    self.learningRate = learningRate
    self.loss = loss
    self.losses = losses
    self.validationLoss = validationLoss
    self.validationAUC = validationAUC
    self.isBest = isBest
    self.seconds = seconds
  }
}

/// The sums behind an epoch's means; saved where a run stops within an epoch.
struct EpochSums: Codable, Equatable {
  var loss = 0.0
  var terms: [String: Double] = [:]
  var counts: [String: Int] = [:]
  var steps = 0
  var seconds = 0.0

  mutating func add(_ metrics: StepMetrics) {
    loss += metrics.loss
    for (name, value) in metrics.losses {
      terms[name, default: 0] += value
      counts[name, default: 0] += 1
    }
    steps += 1
    seconds += metrics.seconds
  }

  func metrics(epoch: Int, learningRate: Double) -> EpochMetrics {
    EpochMetrics(
      epoch: epoch, steps: steps, learningRate: learningRate,
      loss: loss / Double(max(1, steps)),
      losses: terms.reduce(into: [:]) { means, term in
        means[term.key] = term.value / Double(counts[term.key] ?? 1)
      }, isBest: true, seconds: seconds)
  }
}

/// How a model does on held-out training videos, by their video-level labels.
struct ValidationResult {
  /// Mean binary cross-entropy of the top-k mean scores.
  let loss: Double
  /// Nil where all videos are of one kind.
  let areaUnderROC: Double?

  /// A video's score: the mean of its ⌊count/topKDivisor⌋ + 1 greatest snippet scores, as in
  /// training.
  static func pooled(_ scores: [Float], topKDivisor: Int) -> Float {
    let top = scores.sorted(by: >).prefix(scores.count / topKDivisor + 1)
    return top.reduce(0, +) / Float(top.count)
  }

  init(model: DetectorModel, samples: [TrainingSample]) throws {
    var scores: [Float] = []
    for sample in samples {
      scores.append(
        Self.pooled(
          try model.scores(sample.features.tensor(), subject: sample.videoID).anomaly,
          topKDivisor: model.inputs.topKDivisor))
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
