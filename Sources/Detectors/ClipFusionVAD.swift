import NeuralNetworks
import Records
import Tensors

/// ClipFusionVAD, in the order of its code: VadCLIP's temporal module, attention over channels
/// and over time, two views of the result (the visual product p and the visual aggregator q), a
/// branch that scores snippets, and VadCLIP's branch that aligns them with the classes' texts.
/// `ClipFusionVADSettings.swift` has its settings and presets.
///
/// Parameters that VadCLIP has too are named as in its checkpoints, `gc1` to `gc4` [out, in].
/// The names `gam.channel_attention.*`, `gam.spatial_attention.*`, `linear_a` and `linear_u` are
/// assumed: no checkpoint was at hand.
public final class ClipFusionVAD<Scalar: TensorScalar>: VideoTrunkDetector {
  public static var name: String { "clipfusion" }
  public static var title: String { "ClipFusionVAD" }
  public static var reference: String {
    "ClipFusionVAD, published code, after Wu et al., VadCLIP, AAAI 2024"
  }

  private let configuration: ClipFusionVADConfiguration
  private let inputs: DetectorInputs
  private let trunk: VadCLIPTrunk<Scalar>
  private let attention: GlobalAttention<Scalar>
  private let product, aggregator: Linear<Scalar>
  private let classifier: AnomalyClassifier<Scalar>
  private let alignment: AlignmentBranch<Scalar>

  public init(
    _ configuration: ClipFusionVADConfiguration, inputs: DetectorInputs,
    labels: LabelEmbeddings<Scalar>, generator: inout SeededGenerator
  ) throws {
    self.configuration = configuration
    self.inputs = inputs
    let width = configuration.modelWidth
    trunk = VadCLIPTrunk(configuration, inputs: inputs, generator: &generator)
    attention = GlobalAttention(width: width, generator: &generator)
    product = Linear(width, width, generator: &generator)
    aggregator = Linear(width, width, generator: &generator)
    classifier = AnomalyClassifier(
      width: width,
      startsAtZero: configuration.takesPrior && FeaturePrior(inputs) != nil,
      generator: &generator)
    alignment = AlignmentBranch(
      width: width, temperature: configuration.temperature, inputs: inputs, labels: labels,
      generator: &generator)
  }

  private func mask(_ lengths: [Int]) -> PaddingMask {
    PaddingMask(lengths: lengths, leaks: configuration.vadclipPaddingLeak)
  }

  /// p and q [B, T, D], rows of length 1, and one logit per snippet [B, T].
  private struct Views {
    var product, aggregator, logits: Variable<Scalar>
  }

  /// - Parameter x: the trunk's X, [B, T, D].
  private func views(
    _ x: Variable<Scalar>, lengths: [Int], statistics: BatchNorm<Scalar>.Statistics
  ) -> Views {
    let mask = mask(lengths)
    let counted =
      configuration.batchNormPaddingLeak
      ? Array(repeating: x.shape[1], count: lengths.count) : lengths
    let gated = attention(x, mask: mask, counted: counted, statistics: statistics)
    let p = mask(product(gated).l2Normalized())
    let q = mask(aggregator(gated).l2Normalized())
    return Views(product: p, aggregator: q, logits: classifier(gated, mlpInput: p + q))
  }

  /// T_c with the visual prompt V = norm(Σ_t logit_t·q_t), [B, C, D].
  ///
  /// - Parameter text: t_c before it is scaled to length 1, [C, D].
  private func classTexts(
    _ text: Variable<Scalar>, _ views: Views, _ logits: Variable<Scalar>, lengths: [Int]
  ) -> Variable<Scalar> {
    alignment.classTexts(
      text.l2Normalized(),
      views.aggregator.weightedOverTime(
        by: logits, areRaw: configuration.legacyRawLogits, lengths: lengths))
  }

  public func callAsFunction(_ features: Variable<Scalar>, lengths: [Int])
    -> DetectorOutput<Scalar>
  {
    let x = trunk(features, mask: mask(lengths))
    let views = views(x, lengths: lengths, statistics: .running)
    guard configuration.usesAlignment else { return DetectorOutput(logits: views.logits) }
    let texts = classTexts(
      alignment.labelVectors(isUnit: false), views, views.logits, lengths: lengths)
    return DetectorOutput(
      logits: views.logits, classLogits: alignment.classLogits(views.product, texts))
  }

  public func exported(_ video: ONNXSequence) -> ExportedOutput? {
    let padding = configuration.vadclipPaddingLeak ? inputs.maximumSnippets : nil
    let x = trunk.exported(video.padded(to: padding))
    let gated = attention.exported(x.rows)
    let p = product.exported(gated).l2Normalized()
    var q = x
    q.rows = aggregator.exported(gated).l2Normalized()
    let logits = classifier.exported(gated, mlpInput: p + q.rows)
    guard configuration.usesAlignment else { return ExportedOutput(logits: x.own(logits)) }
    let text = alignment.exportedLabels(isUnit: false, graph: video.graph)
    let texts = alignment.exportedTexts(
      text.l2Normalized(), q.weightedOverTime(by: logits, areRaw: configuration.legacyRawLogits))
    return ExportedOutput(
      logits: x.own(logits), classLogits: alignment.exportedLogits(x.own(p), texts))
  }

  public func trunk(of batch: DetectorBatch<Scalar>) -> Variable<Scalar> {
    trunk(Variable(batch.features), mask: mask(batch.lengths))
  }

  public func trunkProgram(library: ProductLibrary?) -> VideoProgram? {
    guard let model = self as? ClipFusionVAD<Float> else { return nil }
    var blocks = VideoProgramBuilder(
      inputWidth: inputs.visualWidth, leaks: configuration.vadclipPaddingLeak)
    let x = model.trunk.add(to: &blocks)
    return blocks.program(features: x, library: library)
  }

  /// VadCLIP's `binary`, `alignment` and `separation`.
  public func losses(_ batch: DetectorBatch<Scalar>, trunk: Variable<Scalar>)
    -> [LossTerm<Scalar>]
  {
    losses(batch, trunk: trunk, text: alignment.labelVectors(isUnit: false))
  }

  /// - Parameter text: t_c, [C, D].
  package func losses(
    _ batch: DetectorBatch<Scalar>, trunk: Variable<Scalar>, text: Variable<Scalar>
  ) -> [LossTerm<Scalar>] {
    let evalAfter = configuration.batchNormEvalAfter
    let views = views(
      trunk, lengths: batch.lengths,
      statistics: evalAfter > 0 && batch.stepInEpoch >= evalAfter ? .running : .batch)
    let logits = batch.prior.map { views.logits + Variable($0) } ?? views.logits
    let scores = logits.sigmoid().topKMean(lengths: batch.lengths, divisor: inputs.topKDivisor)
    let binary = LossTerm(
      "binary", BinaryCrossEntropy.ofProbabilities(scores, targets: batch.targets))
    guard configuration.usesAlignment else { return [binary] }
    let pooled = alignment.pooled(
      views.product, classTexts(text, views, logits, lengths: batch.lengths),
      lengths: batch.lengths)
    return [
      binary,
      LossTerm(
        "alignment", alignment.loss(pooled, of: batch), weight: configuration.alignmentLossWeight),
      LossTerm(
        "separation", alignment.separation(text), weight: configuration.separationLossWeight),
    ]
  }

  public var parts: [(name: String, module: any Module<Scalar>)] {
    let all: [(String, (any Module<Scalar>)?)] = [
      ("", trunk), ("gam", attention), ("linear_a", product), ("linear_u", aggregator),
      ("mlp1", alignment.textAdapter), ("mlp2", classifier.mlp),
      ("classifier", classifier.output), ("text_prompt_embeddings", alignment.labels.prompt),
      ("label_projection", alignment.labelProjection),
    ]
    return all.compactMap { name, module in module.map { (name, $0) } }
  }
}

/// The Global Attention Module: X times a gate for each channel of a snippet,
/// sigmoid(MLP D→D/4→D with ReLU), times a gate for each channel by its neighbours in time,
/// sigmoid(BN(Conv7(ReLU(BN(Conv7))))) with D/4 channels between. Both gates see one snippet's
/// channels or seven snippets; nothing is pooled.
struct GlobalAttention<Scalar: TensorScalar>: Module {
  private let squeeze, expand: Linear<Scalar>
  private let inner, outer: TemporalConvolutionLayer<Scalar>
  private let innerNorm, outerNorm: BatchNorm<Scalar>

  init(width: Int, generator: inout SeededGenerator) {
    let narrow = width / 4
    squeeze = Linear(width, narrow, generator: &generator)
    expand = Linear(narrow, width, generator: &generator)
    inner = TemporalConvolutionLayer(width, narrow, kernelSize: 7, generator: &generator)
    outer = TemporalConvolutionLayer(narrow, width, kernelSize: 7, generator: &generator)
    innerNorm = BatchNorm(narrow)
    outerNorm = BatchNorm(width)
  }

  /// [B, T, D] to [B, T, D].
  ///
  /// - Parameter counted: how many rows of each sequence count in the batch's statistics.
  func callAsFunction(
    _ x: Variable<Scalar>, mask: PaddingMask, counted: [Int],
    statistics: BatchNorm<Scalar>.Statistics
  ) -> Variable<Scalar> {
    let x = x * expand(squeeze(x).reLU()).sigmoid()
    let narrow = mask(innerNorm(inner(x), lengths: counted, statistics: statistics).reLU())
    return x * outerNorm(outer(narrow), lengths: counted, statistics: statistics).sigmoid()
  }

  /// The same of one video, [T, D] to [T, D].
  func exported(_ x: ONNXValue) -> ONNXValue {
    let x = x * expand.exported(squeeze.exported(x).reLU()).sigmoid()
    let narrow = innerNorm.exported(inner.exported(x)).reLU()
    return x * outerNorm.exported(outer.exported(narrow)).sigmoid()
  }

  var parts: [(name: String, module: any Module<Scalar>)] {
    [
      ("channel_attention.0", squeeze), ("channel_attention.2", expand),
      ("spatial_attention.0", inner), ("spatial_attention.1", innerNorm),
      ("spatial_attention.3", outer), ("spatial_attention.4", outerNorm),
    ]
  }
}
