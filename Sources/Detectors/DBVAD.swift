import NeuralNetworks
import Records
import Tensors

// Description-Boosted Video Anomaly Detection (Meng et al., PRCV 2025), in the order of
// its poster: Temporal Modeling Module, classifier, Semantic Focus Prompt, Description Boosted
// Module, the model with its losses. Reconstructed from the poster. `DBVADSettings.swift` has its
// settings and presets.

// MARK: - Temporal Modeling Module

/// Temporal Modeling Module (TMM): progressive temporal convolutions beside graph
/// convolutions, joined by a linear layer.
///
/// [B, T, D] to [B, T, D].
private struct TemporalModelingModule<Scalar: TensorScalar>: Module {
  let convolutions: ProgressiveConvolutions<Scalar>?
  let graph: TemporalGraphs<Scalar>?
  let fusion: Linear<Scalar>?
  let addsInput: Bool

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

  /// The same of one video, as nodes of a graph.
  func exported(_ x: ONNXSequence) -> ONNXSequence {
    let branches = [convolutions?.exported(x.rows), graph?.exported(x).rows].compactMap { $0 }
    guard !branches.isEmpty else { return x }
    let joined = ONNXValue.concatenated(branches)
    let modelled = fusion?.exported(joined) ?? joined
    var result = x
    result.rows = addsInput ? x.rows + modelled : modelled
    return result
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
/// u = norm(z + FFN_v(z)), d = norm(e + FFN_t(e)), P = u·dᵀ/τ, by the contrastive loss L_db in
/// both directions.
private typealias DescriptionBoostedModule = DescriptionContrast

// MARK: - The model and its losses

/// Snippets → Temporal Modeling Module → classifier; during training the label (Semantic
/// Focus Prompt) and a description of the video (Description Boosted Module) shape the same
/// features. Inference sees only the video and gives one anomaly score per snippet.
public final class DBVAD<Scalar: TensorScalar>: VideoPartedDetector {
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
    inputProjection = .projection(inputs.visualWidth, width, generator: &generator)
    temporal = TemporalModelingModule(configuration, generator: &generator)
    classifier = AnomalyClassifier(
      width: width,
      startsAtZero: configuration.takesPrior && FeaturePrior(inputs) != nil,
      generator: &generator)
    let usesSFP = configuration.usesSFP && configuration.usesDBM
    labelProjection =
      usesSFP ? .projection(inputs.labelTextWidth, width, generator: &generator) : nil
    semanticFocus = usesSFP ? SemanticFocusPrompt(width: width, generator: &generator) : nil
    descriptionProjection =
      configuration.usesDBM ? .projection(inputs.textWidth, width, generator: &generator) : nil
    descriptionBoost =
      configuration.usesDBM
      ? DescriptionBoostedModule(
        width: width, hasAdapters: true, targets: configuration.contrastiveTargets,
        duplicateCosine: configuration.duplicateCosine, temperature: configuration.temperature,
        generator: &generator) : nil
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

  public func exported(_ video: ONNXSequence) -> ExportedOutput? {
    var x = video.padded(to: configuration.vadclipPaddingLeak ? inputs.maximumSnippets : nil)
    if let inputProjection { x.rows = inputProjection.exported(x.rows) }
    x = temporal.exported(x)
    return ExportedOutput(logits: x.own(classifier.exported(x.rows)))
  }

  public func parts(of batch: DetectorBatch<Scalar>) -> VideoParts<Scalar> {
    let (x, learned) = forward(Variable(batch.features), lengths: batch.lengths)
    return VideoParts(
      x, learned, of: batch, topKDivisor: inputs.topKDivisor,
      areRaw: configuration.legacyRawLogits
    ) { _ in preconditionFailure("DBVAD has no class logits") }
  }

  /// The blocks of `forward`, and the classifier.
  public func videoProgram(library: ProductLibrary?) -> VideoProgram? {
    guard let model = self as? DBVAD<Float> else { return nil }
    let (temporal, classifier) = (model.temporal, model.classifier)
    var blocks = VideoProgramBuilder(
      inputWidth: inputs.visualWidth, leaks: configuration.vadclipPaddingLeak)
    let x = model.inputProjection.map { blocks.linear($0, 0) } ?? 0
    let near = temporal.convolutions.map { blocks.convolutions($0, x) }
    let far = temporal.graph.map { blocks.graphs($0, x) }
    var features = near ?? far ?? x
    if let fusion = temporal.fusion {
      if let near, let far {
        features = blocks.linear(fusion, near, far)
      } else {
        features = blocks.linear(fusion, features)
      }
    }
    if temporal.addsInput, features != x { features = blocks.sum(x, features) }
    return blocks.program(
      mlp: classifier.mlp, output: classifier.output, features: features,
      topKDivisor: inputs.topKDivisor, usesRawLogits: configuration.legacyRawLogits,
      library: library)
  }

  /// L = L_bce + λ·L_db: `binary` over the multiple-instance top-k means, `description`
  /// where at least two videos of the batch are described.
  public func losses(_ batch: DetectorBatch<Scalar>, parts: VideoParts<Scalar>)
    -> [LossTerm<Scalar>]
  {
    let binary = BinaryCrossEntropy.ofProbabilities(parts.pooled, targets: batch.targets)
    guard let descriptionBoost, let descriptions = batch.descriptions,
      batch.describedRows.count > 1
    else { return [LossTerm("binary", binary)] }

    // a = norm(Σ_t confidence_t·X_t).
    let a = parts.vectors.l2Normalized().rows(batch.describedRows)
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

  /// t_y of the described videos: the mean embedding of a video's own labels.
  private func labelVectors(of batch: DetectorBatch<Scalar>) -> Variable<Scalar> {
    let shares = DetectorBatch<Scalar>.classShares(
      batch.describedRows.map { batch.classIndices[$0] }, classes: inputs.classes.count)
    return Variable(shares).matrixMultiplied(
      by: labels.vectors(isUnit: configuration.normalizesText, projection: labelProjection))
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
