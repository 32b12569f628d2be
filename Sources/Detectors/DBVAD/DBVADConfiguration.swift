/// The shape and the choices of a DBVAD model (methods: PRCV 2025, reconstructed
/// from its poster). A checkpoint carries it as JSON.
public struct DBVADConfiguration: Codable, Sendable, Equatable {
  /// What models time: the branches of the Temporal Modeling Module.
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

  /// What the video-description similarities are compared with.
  public enum ContrastiveTargets: String, Codable, Sendable, CaseIterable {
    /// Each video with its own description only (the poster).
    case identity
    /// A distribution by the similarity of the descriptions among themselves, for
    /// batches with many nearly equal texts.
    case descriptionSimilarity
  }

  /// Width of the snippet features.
  public var visualWidth: Int
  /// Width of the description embeddings.
  public var textWidth: Int
  /// Width of the label embeddings.
  public var labelTextWidth: Int
  /// Width inside the model. Inputs of another width are projected to it.
  public var modelWidth: Int
  /// The classes' names, normal included; class indices refer to it.
  public var classes: [String]
  public var temporal: TemporalVariant
  /// Taps of each convolution, one a stage; odd.
  public var kernelSizes: [Int]
  /// Dilation of each convolution, one a stage.
  public var dilations: [Int]
  /// Graph convolutions in each of the two graph branches.
  public var graphLayers: Int
  /// Cosines up to this count as 0 in the similarity graph.
  public var similarityThreshold: Double
  /// The distance graph's weights are exp(−|i − j| / this).
  public var distanceScale: Double
  /// Whether the graphs are as the papers describe them: what the threshold filters
  /// weighs nothing, and the distance graph's rows sum to 1. Off, they are as in
  /// VadCLIP's code, where filtered entries weigh e⁰ and distances are not
  /// normalised; in short sequences that mixes each snippet with its whole video.
  public var normalizesGraphs: Bool
  /// Whether the Temporal Modeling Module adds to its input instead of replacing it.
  ///
  /// Differs from the poster's figure, which shows no such path: on short sequences
  /// with few training videos it keeps a snippet's own features in sight.
  public var temporalSkip: Bool
  /// Whether the Semantic Focus Prompt calibrates the video vector.
  public var usesSFP: Bool
  /// Whether the Description Boosted Module and its loss are there.
  public var usesDBM: Bool
  public var contrastiveTargets: ContrastiveTargets
  /// τ of the contrastive loss.
  public var temperature: Double
  /// λ: the weight of the description loss beside the binary loss.
  public var descriptionLossWeight: Double
  /// Whether label and description embeddings are scaled to unit length.
  ///
  /// Differs from VadCLIP, which adds raw label embeddings (length about 10) to a
  /// unit video vector: with unit length the label cannot drown the video, and
  /// encoders of different scale behave alike.
  public var normalizesText: Bool
  /// VadCLIP's weights of the video vector: raw logits over all positions,
  /// padding included, in place of confidences over the valid ones.
  public var legacyRawLogits: Bool
  /// VadCLIP's leak: padded rows are not set to zero between layers.
  public var vadclipPaddingLeak: Bool
  /// Learnable tokens before and after a label, each.
  public var promptContextLength: Int
  /// The most snippets the model sees at once (T): longer training videos are
  /// averaged down to it, longer test videos are scored in pieces.
  public var maximumSnippets: Int
  /// Multiple-instance pooling takes the ⌊length/topKDivisor⌋ + 1 greatest scores
  /// of a video: 16 is VadCLIP's, for sequences of up to 256; in sequences of some
  /// 15 snippets an event is a greater share, and one snippet alone teaches little.
  public var topKDivisor: Int
  /// Whether features are shifted and scaled to mean 0 and deviation 1 of the
  /// training set first (off for CLIP features, useful for descriptors whose
  /// dimensions have different scales).
  public var standardizesFeatures: Bool

  /// The method's defaults for 512-d CLIP features and texts.
  public init(
    visualWidth: Int = 512, textWidth: Int = 512, labelTextWidth: Int = 512,
    modelWidth: Int = 512, classes: [String], temporal: TemporalVariant = .ptcAndGCN,
    kernelSizes: [Int] = [3, 3, 3], dilations: [Int] = [1, 2, 4], graphLayers: Int = 2,
    similarityThreshold: Double = 0.7, distanceScale: Double = 2.718_281_828_459_045,
    normalizesGraphs: Bool = false, temporalSkip: Bool = false, usesSFP: Bool = true,
    usesDBM: Bool = true,
    contrastiveTargets: ContrastiveTargets = .identity, temperature: Double = 0.07,
    descriptionLossWeight: Double = 1, normalizesText: Bool = true,
    legacyRawLogits: Bool = false, vadclipPaddingLeak: Bool = false,
    promptContextLength: Int = 10, maximumSnippets: Int = 256, topKDivisor: Int = 16,
    standardizesFeatures: Bool = false
  ) {
    self.visualWidth = visualWidth
    self.textWidth = textWidth
    self.labelTextWidth = labelTextWidth
    self.modelWidth = modelWidth
    self.classes = classes
    self.temporal = temporal
    self.kernelSizes = kernelSizes
    self.dilations = dilations
    self.graphLayers = graphLayers
    self.similarityThreshold = similarityThreshold
    self.distanceScale = distanceScale
    self.normalizesGraphs = normalizesGraphs
    self.temporalSkip = temporalSkip
    self.usesSFP = usesSFP
    self.usesDBM = usesDBM
    self.contrastiveTargets = contrastiveTargets
    self.temperature = temperature
    self.descriptionLossWeight = descriptionLossWeight
    self.normalizesText = normalizesText
    self.legacyRawLogits = legacyRawLogits
    self.vadclipPaddingLeak = vadclipPaddingLeak
    self.promptContextLength = promptContextLength
    self.maximumSnippets = maximumSnippets
    self.topKDivisor = topKDivisor
    self.standardizesFeatures = standardizesFeatures
  }

  /// Checks what the types cannot say.
  ///
  /// - Throws: `DetectorError.badConfiguration` naming the key.
  public func validate() throws {
    func check(_ holds: Bool, _ key: String, _ found: Any, _ expected: String) throws {
      guard holds else {
        throw DetectorError.badConfiguration(key: key, found: "\(found)", expected: expected)
      }
    }
    try check(visualWidth > 0, "visualWidth", visualWidth, "a positive width")
    try check(textWidth > 0, "textWidth", textWidth, "a positive width")
    try check(labelTextWidth > 0, "labelTextWidth", labelTextWidth, "a positive width")
    try check(
      modelWidth > 0 && modelWidth % 2 == 0, "modelWidth", modelWidth, "a positive even width")
    try check(!classes.isEmpty, "classes", classes, "at least one class")
    try check(
      kernelSizes.count == dilations.count && !kernelSizes.isEmpty, "dilations", dilations,
      "one dilation for each of the \(kernelSizes.count) kernel sizes")
    try check(
      kernelSizes.allSatisfy { $0 > 0 && $0 % 2 == 1 }, "kernelSizes", kernelSizes, "odd sizes")
    try check(dilations.allSatisfy { $0 > 0 }, "dilations", dilations, "positive dilations")
    try check(graphLayers > 0, "graphLayers", graphLayers, "at least 1")
    try check(topKDivisor > 0, "topKDivisor", topKDivisor, "at least 1")
    try check(temperature > 0, "temperature", temperature, "a positive temperature")
    try check(distanceScale > 0, "distanceScale", distanceScale, "a positive scale")
    try check(
      descriptionLossWeight >= 0, "descriptionLossWeight", descriptionLossWeight, "0 or more")
    try check(maximumSnippets > 0, "maximumSnippets", maximumSnippets, "at least 1")
  }
}
