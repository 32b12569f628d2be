// Trains a detector on arrays in memory and scores videos that it has not seen.
import Detectors
import Evaluation
import Records
import Tensors
import Training

/// A video as 12 snippets with 8 features each. In the events of an anomalous video, snippets
/// 4 to 6, all features are greater.
func video(_ number: Int, generator: inout SeededGenerator) -> (Tensor<Float>, events: [Range<Int>])
{
  let isAnomalous = number.isMultiple(of: 2)
  let scalars = (0..<12 * 8).map { place -> Float in
    let noise = Float.random(in: -1...1, using: &generator)
    return isAnomalous && (4...6).contains(place / 8) ? noise + 1 : noise
  }
  return (Tensor(shape: [12, 8], scalars: scalars), isAnomalous ? [4 * 16..<7 * 16] : [])
}

var generator = SeededGenerator(seed: 1, purpose: "example")
let classes = ["Normal", "Fighting"]
let training = (0..<40).map { number in
  let (features, events) = video(number, generator: &generator)
  // Only the video's label is known, not when the event happens.
  return TrainingSample(
    videoID: "train-\(number)", features: features, isAnomalous: !events.isEmpty,
    classIndices: [events.isEmpty ? 0 : 1])
}

// One vector per class; a text encoder would embed the class names.
let labels = Tensor<Float>(shape: [2, 4], scalars: [1, 0, 0, 0, 0, 1, 0, 0])
let family = DetectorRegistry.standard.standardFamily
let plan = try family.plan(
  preset: "no-dbm", hasBuiltInFeatures: true, sets: ["modelWidth=16", "learningRate=0.002"],
  inputs: DetectorInputs(visualWidth: 8, textWidth: 4, labelTextWidth: 4, classes: classes))
let model = try DetectorModel(
  family, configuration: plan.configuration, inputs: plan.inputs, labels: .fixed(labels),
  generator: &generator)
let trainer = try DetectorTrainer(
  model: model, configuration: plan.training, usesDescriptions: plan.usesDescriptions,
  samples: training)
let outcome = try trainer.train()
print("\(outcome.epochs.count) epochs, loss \(outcome.epochs.last?.loss ?? .nan)")

model.freeze()
let scored = try (0..<20).map { number in
  let (features, events) = video(number, generator: &generator)
  return ScoredVideo(
    id: "test-\(number)", scores: try model.scores(features).anomaly, frameCount: 12 * 16,
    classNames: [events.isEmpty ? "Normal" : "Fighting"], isAnomalous: !events.isEmpty,
    events: events)
}
let result = try FrameEvaluation.evaluate(scored, resamples: 0)
print("frame AUC on 20 unseen videos: \(result.areaUnderROC.value ?? .nan)")
