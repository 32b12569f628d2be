/// The shape and the choices of a ClipFusionVAD model; `help` has a line on each.
public struct ClipFusionVADConfiguration: AlignmentConfiguration {
  public var modelWidth = 512
  public var transformerLayers = 2
  public var window = 8
  public var similarityThreshold = 0.7
  public var distanceScale = 2.718_281_828_459_045
  public var normalizesGraphs = false
  public var usesAlignment = true
  public var temperature = 0.07
  public var alignmentLossWeight = 1.0
  public var separationLossWeight = 0.1
  public var legacyRawLogits = true
  public var vadclipPaddingLeak = true
  /// Differs from the published code, where padded rows enter the statistics.
  public var batchNormPaddingLeak = false
  /// Differs from the published code, which tests on UCF-Crime after the eleventh step of an
  /// epoch and leaves the model in evaluation mode until the next: 11.
  public var batchNormEvalAfter = 0
  public var promptContextLength = 10
  public var usesPrior = true

  /// The published code's values for UCF-Crime, but for batch normalisation.
  public init() {}

  public var promptLayout: LabelPromptLayout { .positional }
  public var padsToMaximum: Bool { vadclipPaddingLeak || batchNormPaddingLeak }
  public var takesPrior: Bool { usesPrior }

  public static var help: [String: String] {
    alignmentHelp.merging([
      "modelWidth": "width inside the model, a multiple of 4; other inputs are projected to it",
      "usesAlignment": "train the branch that aligns snippets with classes",
      "alignmentLossWeight": "weight of the classes' loss",
      "legacyRawLogits": "weigh the visual prompt by raw logits, padding included",
      "batchNormPaddingLeak": "count padded rows in batch statistics, as the published code",
      "batchNormEvalAfter": "steps of an epoch after which batch normalisation uses running "
        + "statistics (the published code on UCF-Crime: 11); 0 for never",
    ]) { _, own in own }
  }

  public func validate() throws {
    try validateAlignment()
    let check = DetectorError.check
    try check(modelWidth % 4 == 0, "modelWidth", modelWidth, "a multiple of 4")
    try check(alignmentLossWeight >= 0, "alignmentLossWeight", alignmentLossWeight, "0 or more")
    try check(batchNormEvalAfter >= 0, "batchNormEvalAfter", batchNormEvalAfter, "0 or more")
  }
}

extension ClipFusionVAD {
  public static var presets: [DetectorPreset<ClipFusionVADConfiguration>] {
    [
      .base("ucf", "the published code's numbers for UCF-Crime, real snippets in batch statistics")
      {
        $0.inputs.roundsHalfMeans = true
        $0.training.epochEnd = .smallerSide
      },
      .base("xd", "the published code's numbers for XD-Violence, real snippets in batch statistics")
      {
        $0.model.window = 64
        $0.model.transformerLayers = 3
        $0.model.separationLossWeight = 1e-4
        $0.inputs.roundsHalfMeans = true
        $0.trainAsOnXDViolence()
      },
      .base("builtin", "a small standardised model for the built-in features") {
        $0.model.modelWidth = 128
        $0.model.transformerLayers = 1
        $0.model.normalizesGraphs = true
        $0.model.legacyRawLogits = false
        $0.model.vadclipPaddingLeak = false
        $0.trainOnBuiltInFeatures()
      },
      .ablation("no-alignment", "the binary branch alone") { $0.model.usesAlignment = false },
      .ablation("masked", "padding masked, and the visual prompt weighed by scores") {
        $0.model.vadclipPaddingLeak = false
        $0.model.legacyRawLogits = false
      },
      .ablation("bn-padding", "padded rows count in batch statistics, as in the published code") {
        $0.model.batchNormPaddingLeak = true
      },
      .ablation("bn-eval", "running statistics after an epoch's 11th step, as published for UCF") {
        $0.model.batchNormEvalAfter = 11
      },
      .ablation("no-prior", "without the built-in features' own score to start from") {
        $0.model.usesPrior = false
      },
    ]
  }
}
