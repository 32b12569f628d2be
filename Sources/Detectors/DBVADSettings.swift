/// The shape and the choices of a DBVAD model; `help` has a line on each, the comments here
/// what needs more.
public struct DBVADConfiguration: DetectorConfiguration {
  /// The branches of the Temporal Modeling Module.
  public enum TemporalVariant: String, Codable, Sendable, CaseIterable {
    /// No temporal model: the classifier sees each snippet alone.
    case none
    /// The graph convolutions only.
    case gcn
    /// The progressive temporal convolutions only.
    case ptc
    /// The same convolutions in parallel, summed (an ablation of the poster).
    case multi
    /// Both branches, the method.
    case ptcAndGCN = "ptc+gcn"
  }

  public var modelWidth = 512
  public var temporal = TemporalVariant.ptcAndGCN
  public var kernelSizes = [3, 3, 3]
  public var dilations = [1, 2, 4]
  public var graphLayers = 2
  public var similarityThreshold = 0.7
  public var distanceScale = 2.718_281_828_459_045
  /// Off, the graphs are as in VadCLIP's code (`TemporalGraphs.Options`); in short
  /// sequences that mixes each snippet with its whole video.
  public var normalizesGraphs = false
  /// Differs from the poster's figure, which shows no such path: on short sequences
  /// with few training videos it keeps a snippet's own features in sight.
  public var temporalSkip = false
  public var usesSFP = true
  public var usesDBM = true
  public var contrastiveTargets = ContrastiveTargets.identity
  public var duplicateCosine = 0.95
  public var temperature = 0.07
  public var descriptionLossWeight = 1.0
  /// Differs from VadCLIP, which adds raw label embeddings (length about 10) to a
  /// unit video vector: with unit length the label cannot drown the video, and
  /// encoders of different scale behave alike.
  public var normalizesText = true
  /// VadCLIP's weights of the video vector: over all positions, padding included.
  public var legacyRawLogits = false
  public var vadclipPaddingLeak = false
  public var promptContextLength = 10
  /// Differs from the poster, which has no such path. Without effect where the features bring
  /// no score.
  public var usesPrior = true

  /// The method's values for 512-d CLIP features and texts.
  public init() {}

  public var usesDescriptions: Bool { usesDBM }
  public var padsToMaximum: Bool { vadclipPaddingLeak }
  public var takesPrior: Bool { usesPrior }

  public static var help: [String: String] {
    [
      "modelWidth": "width inside the model, even; other inputs are projected to it",
      "temporal": "branches of the Temporal Modeling Module",
      "kernelSizes": "taps of each temporal convolution, odd",
      "dilations": "dilation of each temporal convolution",
      "graphLayers": "graph convolutions per branch",
      "similarityThreshold": "cosines up to this count as 0 in the similarity graph",
      "distanceScale": "the distance graph weighs exp(-|i - j| / this)",
      "normalizesGraphs": "graphs as in the papers, not as in VadCLIP's code",
      "temporalSkip": "add the temporal features to the input",
      "usesSFP": "Semantic Focus Prompt on",
      "usesDBM": "Description Boosted Module on",
      "contrastiveTargets": "each video its own description; soft by similar texts; or without "
        + "texts that are nearly its own",
      "duplicateCosine": "maskedDuplicates: texts with a cosine above this are nearly the same",
      "temperature": "temperature of the description loss",
      "descriptionLossWeight": "weight of the description loss (lambda)",
      "normalizesText": "scale label and description embeddings to unit length",
      "legacyRawLogits": "weight the video vector by raw logits, as VadCLIP",
      "vadclipPaddingLeak": "do not mask padded rows between layers, as VadCLIP",
      "promptContextLength": "learnable tokens on each side of a label (CLIP labels only)",
      "usesPrior": "start from the built-in features' own score (CLIP features have none)",
    ]
  }

  public func validate() throws {
    let check = DetectorError.check
    try check(
      modelWidth > 0 && modelWidth % 2 == 0, "modelWidth", modelWidth, "a positive even width")
    try check(
      kernelSizes.count == dilations.count && !kernelSizes.isEmpty, "dilations", dilations,
      "one dilation for each of the \(kernelSizes.count) kernel sizes")
    try check(
      kernelSizes.allSatisfy { $0 > 0 && $0 % 2 == 1 }, "kernelSizes", kernelSizes, "odd sizes")
    try check(dilations.allSatisfy { $0 > 0 }, "dilations", dilations, "positive dilations")
    try check(graphLayers > 0, "graphLayers", graphLayers, "at least 1")
    try check(temperature > 0, "temperature", temperature, "a positive temperature")
    try check(
      duplicateCosine > 0 && duplicateCosine <= 1, "duplicateCosine", duplicateCosine,
      "above 0, at most 1")
    try check(distanceScale > 0, "distanceScale", distanceScale, "a positive scale")
    try check(
      descriptionLossWeight >= 0, "descriptionLossWeight", descriptionLossWeight, "0 or more")
    try check(promptContextLength >= 0, "promptContextLength", promptContextLength, "0 or more")
  }
}

extension DBVAD {
  public static var presets: [DetectorPreset<DBVADConfiguration>] {
    [
      .base("clip", "the poster's numbers for CLIP features, trained as VadCLIP on UCF-Crime") {
        _ in
      },
      .base("xd", "the same, trained as VadCLIP on XD-Violence") {
        $0.trainAsOnXDViolence()
      },
      .base("builtin", "a small standardised model for the built-in features") {
        $0.model.modelWidth = 128
        $0.model.normalizesGraphs = true
        $0.model.temporalSkip = true
        $0.model.contrastiveTargets = .descriptionSimilarity
        $0.model.descriptionLossWeight = 0.3
        $0.trainOnBuiltInFeatures()
      },
      .ablation("baseline", "the classifier alone: no temporal module, no descriptions") {
        $0.model.temporal = .none
        $0.model.usesDBM = false
        $0.model.usesSFP = false
      },
      .ablation("no-dbm", "without the Description Boosted Module: no descriptions") {
        $0.model.usesDBM = false
        $0.model.usesSFP = false
      },
      .ablation("no-sfp", "without the Semantic Focus Prompt") { $0.model.usesSFP = false },
      .ablation("identity", "each description for its own video only, as the poster") {
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
      .ablation("no-temporal", "without the Temporal Modeling Module") {
        $0.model.temporal = .none
      },
      .ablation("gcn", "graph convolutions alone in the Temporal Modeling Module") {
        $0.model.temporal = .gcn
      },
      .ablation("ptc", "progressive convolutions alone in the Temporal Modeling Module") {
        $0.model.temporal = .ptc
      },
      .ablation("multi-scale", "parallel convolutions in place of progressive ones") {
        $0.model.temporal = .multi
      },
    ]
  }
}
