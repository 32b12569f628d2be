/// The shape and the choices of a VadCLIP model; `help` has a line on each.
public struct VadCLIPConfiguration: AlignmentConfiguration {
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
  public var normalizesText = false
  public var legacyRawLogits = true
  public var vadclipPaddingLeak = true
  public var promptContextLength = 10
  public var usesPrior = true

  /// The published code's values for UCF-Crime.
  public init() {}

  public var promptLayout: LabelPromptLayout { .positional }
  public var padsToMaximum: Bool { vadclipPaddingLeak }
  public var takesPrior: Bool { usesPrior }

  public static var help: [String: String] {
    alignmentHelp.merging([
      "usesAlignment": "train the branch that aligns snippets with classes",
      "alignmentLossWeight": "weight of the classes' loss",
      "normalizesText": "scale label embeddings to unit length",
      "legacyRawLogits": "weigh the visual prompt by raw logits, padding included",
    ]) { own, _ in own }
  }

  public func validate() throws {
    try validateAlignment()
    let check = DetectorError.check
    try check(alignmentLossWeight >= 0, "alignmentLossWeight", alignmentLossWeight, "0 or more")
  }
}

extension VadCLIP {
  public static var presets: [DetectorPreset<VadCLIPConfiguration>] {
    [
      .base("ucf", "the published code's numbers for UCF-Crime") {
        $0.inputs.roundsHalfMeans = true
        $0.training.epochEnd = .smallerSide
      },
      .base("xd", "the published code's numbers for XD-Violence") {
        $0.model.window = 64
        $0.model.transformerLayers = 1
        $0.model.separationLossWeight = 1e-4
        $0.inputs.roundsHalfMeans = true
        $0.trainAsOnXDViolence()
      },
      .base("builtin", "a small standardised model for the built-in features") {
        $0.model.modelWidth = 128
        $0.model.transformerLayers = 1
        $0.model.normalizesGraphs = true
        $0.model.normalizesText = true
        $0.model.legacyRawLogits = false
        $0.model.vadclipPaddingLeak = false
        $0.trainOnBuiltInFeatures()
      },
      .ablation("no-alignment", "the binary branch alone") { $0.model.usesAlignment = false },
      .ablation("masked", "padding masked, and the visual prompt weighed by scores") {
        $0.model.vadclipPaddingLeak = false
        $0.model.legacyRawLogits = false
      },
      .ablation("no-prior", "without the built-in features' own score to start from") {
        $0.model.usesPrior = false
      },
    ]
  }
}
