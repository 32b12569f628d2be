/// The shape and the choices of an MGTE model; `help` has a line on each. All but the three
/// modules is reconstructed (`Documentation/models.md`).
public struct MGTEConfiguration: AlignmentConfiguration {
  public var modelWidth = 512
  public var usesTemporal = true
  public var transformerLayers = 2
  public var window = 8
  public var similarityThreshold = 0.7
  public var distanceScale = 2.718_281_828_459_045
  public var normalizesGraphs = false
  public var usesLabel = true
  public var temperature = 0.07
  public var labelLossWeight = 1.0
  public var separationLossWeight = 0.1
  public var normalizesText = false
  public var usesDescription = true
  public var descriptionAdapters = false
  public var contrastiveTargets = ContrastiveTargets.identity
  public var duplicateCosine = 0.95
  public var descriptionTemperature = 0.07
  public var descriptionLossWeight = 1.0
  public var legacyRawLogits = false
  public var vadclipPaddingLeak = false
  public var promptContextLength = 10
  public var usesPrior = true

  /// The reconstruction's values for UCF-Crime.
  public init() {}

  public var usesDescriptions: Bool { usesDescription }
  public var promptLayout: LabelPromptLayout { .positional }
  public var padsToMaximum: Bool { vadclipPaddingLeak }
  public var takesPrior: Bool { usesPrior }

  public static var help: [String: String] {
    alignmentHelp.merging([
      "usesTemporal": "temporal enhanced module on",
      "usesLabel": "label enhanced module on",
      "labelLossWeight": "weight of the classes' loss (lambda 1)",
      "normalizesText": "scale label embeddings to unit length",
      "usesDescription": "description enhanced module on",
      "descriptionAdapters": "a network with a skip on both sides of the description loss, as "
        + "DBVAD",
      "contrastiveTargets": "each video its own description; soft by similar texts; or without "
        + "texts that are nearly its own",
      "duplicateCosine": "maskedDuplicates: texts with a cosine above this are nearly the same",
      "descriptionTemperature": "temperature of the description loss",
      "descriptionLossWeight": "weight of the description loss (lambda 2)",
      "legacyRawLogits": "weigh the video's vector by raw logits, padding included, as VadCLIP",
    ]) { own, _ in own }
  }

  public func validate() throws {
    try validateAlignment()
    let check = DetectorError.check
    try check(
      descriptionTemperature > 0, "descriptionTemperature", descriptionTemperature,
      "a positive temperature")
    for (key, weight) in [
      ("labelLossWeight", labelLossWeight), ("descriptionLossWeight", descriptionLossWeight),
    ] {
      try check(weight >= 0, key, weight, "0 or more")
    }
    try check(
      duplicateCosine > 0 && duplicateCosine <= 1, "duplicateCosine", duplicateCosine,
      "above 0, at most 1")
  }
}

extension MGTE {
  public static var presets: [DetectorPreset<MGTEConfiguration>] {
    [
      .base("ucf", "the reconstruction for CLIP features, trained as VadCLIP on UCF-Crime") { _ in
      },
      .base("xd", "the same with VadCLIP's shape and training for XD-Violence") {
        $0.model.window = 64
        $0.model.transformerLayers = 1
        $0.model.separationLossWeight = 1e-4
        $0.trainAsOnXDViolence()
      },
      .base("builtin", "a small standardised model for the built-in features") {
        $0.model.modelWidth = 128
        $0.model.transformerLayers = 1
        $0.model.normalizesGraphs = true
        $0.model.normalizesText = true
        $0.model.contrastiveTargets = .descriptionSimilarity
        $0.model.descriptionLossWeight = 0.3
        $0.trainOnBuiltInFeatures()
      },
      .ablation("no-temporal", "without the temporal enhanced module") {
        $0.model.usesTemporal = false
      },
      .ablation("no-label", "without the label enhanced module: no class scores") {
        $0.model.usesLabel = false
      },
      .ablation("no-description", "without the description enhanced module: no descriptions") {
        $0.model.usesDescription = false
      },
      .ablation("identity", "each description for its own video only") {
        $0.model.contrastiveTargets = .identity
      },
      .ablation("soft", "descriptions count as far as they are like a video's own") {
        $0.model.contrastiveTargets = .descriptionSimilarity
      },
      .ablation("masked", "descriptions nearly like a video's own are not held against it") {
        $0.model.contrastiveTargets = .maskedDuplicates
      },
      .ablation("no-prior", "without the built-in features' own score to start from") {
        $0.model.usesPrior = false
      },
    ]
  }
}
