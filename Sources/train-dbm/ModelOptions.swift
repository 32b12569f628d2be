import ArgumentParser
import CommandSupport
import Detectors
import Training

/// The model and how it is trained. What is not given depends on the features:
/// VadCLIP's settings for CLIP, a small standardised model for the built-in.
struct ModelOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp("Passes over the training set. (default: 10, built-in 20)", valueName: "n"))
  var epochs: Int?

  @Option(
    help: ArgumentHelp(
      "Videos a step, half of them normal. (default: 128, built-in 16)", valueName: "n"))
  var batchSize: Int?

  @Option(
    help: ArgumentHelp("AdamW's learning rate. (default: 2e-5, built-in 5e-4)", valueName: "x"))
  var learningRate: Double?

  @Option(
    help: ArgumentHelp("Width inside the model. (default: 512, built-in 128)", valueName: "n"))
  var width: Int?

  @Option(
    help: ArgumentHelp(
      "Chance of zeroing an input feature in training. (default: 0, built-in 0.5)", valueName: "p"))
  var dropout: Double?

  @Option(help: ArgumentHelp("The most snippets the model sees at once.", valueName: "n"))
  var maxSnippets: Int = 256

  @Option(
    help: ArgumentHelp(
      "A video is as anomalous as its length/n + 1 greatest snippets. (default: 16, built-in 2)",
      valueName: "n"))
  var topkDivisor: Int?

  @Option(help: "The branches of the Temporal Modeling Module, for ablations.")
  var temporal: DBVADConfiguration.TemporalVariant = .ptcAndGCN

  @Option(
    help: ArgumentHelp("Weight of the description loss. (default: 1, built-in 0.3)", valueName: "x")
  )
  var lambda: Double?

  @Option(
    help: ArgumentHelp(
      "Targets of the description loss: identity, each video its own; soft, by similar texts. "
        + "(default: identity, built-in soft)", valueName: "identity|soft"))
  var targets: ContrastiveChoice?

  @Option(
    help: ArgumentHelp("Learnable tokens on each side of a label (CLIP only).", valueName: "n"))
  var promptTokens: Int = 10

  func model(
    visualWidth: Int, textWidth: Int, labelWidth: Int, classes: [String], isBuiltIn: Bool
  ) -> DBVADConfiguration {
    DBVADConfiguration(
      visualWidth: visualWidth, textWidth: textWidth, labelTextWidth: labelWidth,
      modelWidth: width ?? (isBuiltIn ? 128 : 512), classes: classes, temporal: temporal,
      normalizesGraphs: isBuiltIn, temporalSkip: isBuiltIn,
      contrastiveTargets: (targets ?? (isBuiltIn ? .soft : .identity)).value,
      descriptionLossWeight: lambda ?? (isBuiltIn ? 0.3 : 1),
      promptContextLength: promptTokens, maximumSnippets: maxSnippets,
      topKDivisor: topkDivisor ?? (isBuiltIn ? 2 : 16),
      standardizesFeatures: isBuiltIn)
  }

  func training(seed: UInt64, isBuiltIn: Bool) -> TrainingConfiguration {
    var training =
      isBuiltIn
      ? TrainingConfiguration(
        epochs: 20, batchSize: 16, learningRate: 5e-4, milestones: [14], inputDropout: 0.5,
        seed: seed)
      : TrainingConfiguration(seed: seed)
    if let epochs {
      training.milestones = training.milestones.map { $0 * epochs / training.epochs }
      training.epochs = epochs
    }
    if let batchSize { training.batchSize = batchSize }
    if let learningRate { training.learningRate = learningRate }
    if let dropout { training.inputDropout = dropout }
    return training
  }
}

enum ContrastiveChoice: String, ExpressibleByArgument, CaseIterable {
  case identity, soft

  var value: DBVADConfiguration.ContrastiveTargets {
    switch self {
    case .identity: .identity
    case .soft: .descriptionSimilarity
    }
  }
}

extension DBVADConfiguration.TemporalVariant: ExpressibleByArgument {}
