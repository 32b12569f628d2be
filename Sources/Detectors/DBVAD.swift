import NeuralNetworks
import Records
import Tensors

// Description-Boosted Video Anomaly Detection (Meng et al., PRCV 2025), in the order of
// its poster: configuration, Temporal Modeling Module, classifier, Semantic Focus Prompt,
// Description Boosted Module, the model with its losses. Reconstructed from the poster.

// MARK: - Configuration

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

  /// What the video-description similarities are compared with.
  public enum ContrastiveTargets: String, Codable, Sendable, CaseIterable {
    /// Each video with its own description only (the poster).
    case identity
    /// A distribution by the similarity of the descriptions among themselves, for
    /// batches with many nearly equal texts.
    case descriptionSimilarity
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
      "contrastiveTargets": "each video its own description, or soft by similar texts",
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
    try check(distanceScale > 0, "distanceScale", distanceScale, "a positive scale")
    try check(
      descriptionLossWeight >= 0, "descriptionLossWeight", descriptionLossWeight, "0 or more")
    try check(promptContextLength >= 0, "promptContextLength", promptContextLength, "0 or more")
  }
}

// MARK: - Temporal Modeling Module

/// Temporal Modeling Module (TMM): progressive temporal convolutions beside graph
/// convolutions, joined by a linear layer.
///
/// [B, T, D] to [B, T, D].
private struct TemporalModelingModule<Scalar: TensorScalar>: Module {
  private let convolutions: ProgressiveConvolutions<Scalar>?
  private let graph: TemporalGraphs<Scalar>?
  private let fusion: Linear<Scalar>?
  private let addsInput: Bool

  init(_ configuration: DBVADConfiguration, generator: inout SeededGenerator) {
    let width = configuration.modelWidth
    let temporal = configuration.temporal
    addsInput = configuration.temporalSkip
    convolutions =
      [.ptc, .multi, .ptcAndGCN].contains(temporal)
      ? ProgressiveConvolutions(
        width: width, kernelSizes: configuration.kernelSizes, dilations: configuration.dilations,
        isParallel: temporal == .multi, generator: &generator) : nil
    guard [.gcn, .ptcAndGCN].contains(temporal) else {
      (graph, fusion) = (nil, nil)
      return
    }
    graph = TemporalGraphs(
      width: width, layers: configuration.graphLayers,
      options: .init(
        similarityThreshold: configuration.similarityThreshold,
        distanceScale: configuration.distanceScale, isNormalized: configuration.normalizesGraphs),
      generator: &generator)
    fusion = Linear(temporal == .gcn ? width : 2 * width, width, generator: &generator)
  }

  func callAsFunction(_ x: Variable<Scalar>, mask: PaddingMask) -> Variable<Scalar> {
    let branches = [convolutions?(x, mask: mask), graph?(x, mask: mask)].compactMap { $0 }
    guard let first = branches.first else { return x }
    let joined = branches.count == 1 ? first : .concatenated(branches)
    let modelled = fusion.map { mask($0(joined)) } ?? joined
    return addsInput ? x + modelled : modelled
  }

  var parts: [(name: String, module: any Module<Scalar>)] {
    [
      convolutions.map { ("progressive", $0) }, graph.map { ("graph", $0) },
      fusion.map { ("fusion", $0) },
    ].compactMap { $0 }
  }
}

// MARK: - Semantic Focus Prompt

/// Semantic Focus Prompt (SFP): the label's meaning calibrates the video vector,
/// z = a + FFN(a + t), where the skip comes from a, not from the sum.
private struct SemanticFocusPrompt<Scalar: TensorScalar>: Module {
  private let ffn: FeedForward<Scalar>

  init(width: Int, generator: inout SeededGenerator) {
    ffn = FeedForward(width, generator: &generator)
  }

  /// Video vectors a and the embeddings t of their own labels, both [B, D], to [B, D].
  func callAsFunction(video a: Variable<Scalar>, label t: Variable<Scalar>) -> Variable<Scalar> {
    a + ffn(a + t)
  }

  var parts: [(name: String, module: any Module<Scalar>)] { [("ffn", ffn)] }
}

// MARK: - Description Boosted Module

/// Description Boosted Module (DBM): aligns each video with its description,
/// u = norm(z + FFN_v(z)), d = norm(e + FFN_t(e)), P = u·dᵀ/τ, by a contrastive
/// loss in both directions.
private struct DescriptionBoostedModule<Scalar: TensorScalar>: Module {
  private let visual: FeedForward<Scalar>
  private let text: FeedForward<Scalar>
  private let temperature: Double
  private let targets: DBVADConfiguration.ContrastiveTargets

  init(_ configuration: DBVADConfiguration, generator: inout SeededGenerator) {
    visual = FeedForward(configuration.modelWidth, generator: &generator)
    text = FeedForward(configuration.modelWidth, generator: &generator)
    temperature = configuration.temperature
    targets = configuration.contrastiveTargets
  }

  /// L_db of n pairs.
  ///
  /// - Parameters:
  ///   - z: the calibrated video vectors, [n, D].
  ///   - e: the description embeddings at the model's width, [n, D].
  ///   - raw: the description embeddings as encoded, for soft targets.
  func loss(video z: Variable<Scalar>, description e: Variable<Scalar>, raw: Variable<Scalar>)
    -> Variable<Scalar>
  {
    let u = (z + visual(z)).l2Normalized()
    let d = (e + text(e)).l2Normalized()
    let similarities = u.matrixMultiplied(by: d, otherTransposed: true) * Scalar(1 / temperature)
    let wanted = targetDistributions(raw)
    let rows = CrossEntropy.ofLogits(similarities, targets: wanted)
    let columns = CrossEntropy.ofLogits(similarities.transposed(), targets: wanted)
    return (rows + columns) * 0.5
  }

  /// [n, n]; symmetric before the softmax, hence the same for rows and columns.
  private func targetDistributions(_ raw: Variable<Scalar>) -> Tensor<Scalar> {
    switch targets {
    case .identity:
      let count = raw.shape[0]
      return Tensor(
        shape: [count, count],
        scalars: (0..<count * count).map { $0 / count == $0 % count ? 1 : 0 })
    case .descriptionSimilarity:
      let unit = raw.detached().l2Normalized()
      return (unit.matrixMultiplied(by: unit, otherTransposed: true) * Scalar(1 / temperature))
        .softmax().value
    }
  }

  var parts: [(name: String, module: any Module<Scalar>)] {
    [("visual", visual), ("text", text)]
  }
}

// MARK: - The model and its losses

/// Snippets → Temporal Modeling Module → classifier; during training the label (Semantic
/// Focus Prompt) and a description of the video (Description Boosted Module) shape the same
/// features. Inference sees only the video and gives one anomaly score per snippet.
public final class DBVAD<Scalar: TensorScalar>: AnomalyDetector {
  public static var name: String { "dbvad" }
  public static var title: String { "DBVAD" }
  public static var reference: String {
    "Meng et al., Description-Boosted Video Anomaly Detection, PRCV 2025"
  }

  private let configuration: DBVADConfiguration
  private let inputs: DetectorInputs
  private let labels: LabelEmbeddings<Scalar>
  private let inputProjection: Linear<Scalar>?
  private let temporal: TemporalModelingModule<Scalar>
  private let classifier: AnomalyClassifier<Scalar>
  private let labelProjection: Linear<Scalar>?
  private let semanticFocus: SemanticFocusPrompt<Scalar>?
  private let descriptionProjection: Linear<Scalar>?
  private let descriptionBoost: DescriptionBoostedModule<Scalar>?

  public init(
    _ configuration: DBVADConfiguration, inputs: DetectorInputs,
    labels: LabelEmbeddings<Scalar>, generator: inout SeededGenerator
  ) throws {
    self.configuration = configuration
    self.inputs = inputs
    self.labels = labels
    let width = configuration.modelWidth
    func projection(from inputs: Int, _ generator: inout SeededGenerator) -> Linear<Scalar>? {
      inputs == width ? nil : Linear(inputs, width, generator: &generator)
    }
    inputProjection = projection(from: inputs.visualWidth, &generator)
    temporal = TemporalModelingModule(configuration, generator: &generator)
    classifier = AnomalyClassifier(
      width: width,
      startsAtZero: configuration.usesPrior && !(inputs.priorColumns ?? []).isEmpty,
      generator: &generator)
    let usesSFP = configuration.usesSFP && configuration.usesDBM
    labelProjection = usesSFP ? projection(from: inputs.labelTextWidth, &generator) : nil
    semanticFocus = usesSFP ? SemanticFocusPrompt(width: width, generator: &generator) : nil
    descriptionProjection =
      configuration.usesDBM ? projection(from: inputs.textWidth, &generator) : nil
    descriptionBoost =
      configuration.usesDBM
      ? DescriptionBoostedModule(configuration, generator: &generator) : nil
  }

  public func callAsFunction(_ features: Variable<Scalar>, lengths: [Int])
    -> DetectorOutput<Scalar>
  {
    DetectorOutput(logits: forward(features, lengths: lengths).logits)
  }

  /// Features X [B, T, D] and one logit per snippet [B, T].
  private func forward(_ features: Variable<Scalar>, lengths: [Int])
    -> (features: Variable<Scalar>, logits: Variable<Scalar>)
  {
    let mask = PaddingMask(lengths: lengths, leaks: configuration.vadclipPaddingLeak)
    var x = features
    if let inputProjection { x = mask(inputProjection(x)) }
    x = temporal(x, mask: mask)
    return (x, classifier(x))
  }

  /// L = L_bce + λ·L_db: `binary` over the multiple-instance top-k means, `description`
  /// where at least two videos of the batch are described.
  public func losses(_ batch: DetectorBatch<Scalar>) -> [LossTerm<Scalar>] {
    var (x, logits) = forward(Variable(batch.features), lengths: batch.lengths)
    if let prior = batch.prior { logits = logits + Variable(prior) }
    let binary = BinaryCrossEntropy.ofProbabilities(
      logits.sigmoid().topKMean(lengths: batch.lengths, divisor: inputs.topKDivisor),
      targets: batch.targets)
    guard let descriptionBoost, let descriptions = batch.descriptions,
      batch.describedRows.count > 1
    else { return [LossTerm("binary", binary)] }

    let a = videoVectors(x, logits, lengths: batch.lengths).rows(batch.describedRows)
    let z = semanticFocus.map { $0(video: a, label: labelVectors(of: batch)) } ?? a
    let raw = Variable(descriptions)
    let unit = configuration.normalizesText ? raw.l2Normalized() : raw
    let description = descriptionBoost.loss(
      video: z, description: descriptionProjection.map { $0(unit) } ?? unit, raw: raw)
    return [
      LossTerm("binary", binary),
      LossTerm("description", description, weight: configuration.descriptionLossWeight),
    ]
  }

  /// a = norm(Σ_t confidence_t·X_t), [B, D].
  private func videoVectors(_ x: Variable<Scalar>, _ logits: Variable<Scalar>, lengths: [Int])
    -> Variable<Scalar>
  {
    let weights =
      configuration.legacyRawLogits ? logits : logits.sigmoid().maskedBeyond(lengths: lengths)
    return x.weightedSumOverTime(weights).l2Normalized()
  }

  /// t_y of the described videos: the mean embedding of a video's own labels.
  private func labelVectors(of batch: DetectorBatch<Scalar>) -> Variable<Scalar> {
    var table = labels.embeddings()
    if configuration.normalizesText { table = table.l2Normalized() }
    if let labelProjection { table = labelProjection(table) }
    let classes = inputs.classes.count
    var shares = Tensor<Scalar>(shape: [batch.describedRows.count, classes])
    for (row, sample) in batch.describedRows.enumerated() {
      let own = batch.classIndices[sample]
      for index in own { shares.scalars[row * classes + index] = 1 / Scalar(own.count) }
    }
    return Variable(shares).matrixMultiplied(by: table)
  }

  public var parts: [(name: String, module: any Module<Scalar>)] {
    let all: [(String, (any Module<Scalar>)?)] = [
      ("input_projection", inputProjection), ("temporal", temporal), ("classifier", classifier),
      ("label_prompt", semanticFocus == nil ? nil : labels.prompt),
      ("label_projection", labelProjection), ("semantic_focus", semanticFocus),
      ("description_projection", descriptionProjection), ("description_boost", descriptionBoost),
    ]
    return all.compactMap { name, module in module.map { (name, $0) } }
  }
}

// MARK: - Presets

extension DBVAD {
  public static var presets: [DetectorPreset<DBVADConfiguration>] {
    [
      .base("clip", "the poster's numbers for CLIP features, trained as VadCLIP on UCF-Crime") {
        _ in
      },
      .base("builtin", "a small standardised model for the built-in features") {
        $0.model.modelWidth = 128
        $0.model.normalizesGraphs = true
        $0.model.temporalSkip = true
        $0.model.contrastiveTargets = .descriptionSimilarity
        $0.model.descriptionLossWeight = 0.3
        $0.inputs.topKDivisor = 4
        $0.inputs.standardizesFeatures = true
        $0.training.epochs = 20
        $0.training.batchSize = 16
        $0.training.learningRate = 5e-4
        $0.training.milestones = [14]
        $0.training.inputDropout = 0.7
      },
      .ablation("no-dbm", "without the Description Boosted Module: no descriptions") {
        $0.model.usesDBM = false
        $0.model.usesSFP = false
      },
      .ablation("no-sfp", "without the Semantic Focus Prompt") { $0.model.usesSFP = false },
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
