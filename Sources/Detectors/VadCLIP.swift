import NeuralNetworks
import Records
import Tensors

/// VadCLIP (Wu et al., AAAI 2024), in the order of its paper: a transformer over windows of
/// time, two graphs over the whole video, a branch that scores snippets, and a branch that
/// aligns them with the classes' texts. `VadCLIPSettings.swift` has its settings and presets.
public final class VadCLIP<Scalar: TensorScalar>: VideoPartedDetector {
  public static var name: String { "vadclip" }
  public static var title: String { "VadCLIP" }
  public static var reference: String {
    "Wu et al., VadCLIP: Adapting Vision-Language Models for Weakly Supervised Video Anomaly "
      + "Detection, AAAI 2024"
  }

  private let configuration: VadCLIPConfiguration
  private let inputs: DetectorInputs
  private let trunk: VadCLIPTrunk<Scalar>
  private let classifier: AnomalyClassifier<Scalar>
  private let alignment: AlignmentBranch<Scalar>

  public init(
    _ configuration: VadCLIPConfiguration, inputs: DetectorInputs,
    labels: LabelEmbeddings<Scalar>, generator: inout SeededGenerator
  ) throws {
    self.configuration = configuration
    self.inputs = inputs
    trunk = VadCLIPTrunk(configuration, inputs: inputs, generator: &generator)
    classifier = AnomalyClassifier(
      width: configuration.modelWidth,
      startsAtZero: configuration.takesPrior && FeaturePrior(inputs) != nil,
      generator: &generator)
    alignment = AlignmentBranch(
      width: configuration.modelWidth, temperature: configuration.temperature, inputs: inputs,
      labels: labels, generator: &generator)
  }

  public func callAsFunction(_ features: Variable<Scalar>, lengths: [Int])
    -> DetectorOutput<Scalar>
  {
    let (x, logits) = forward(features, lengths: lengths)
    guard configuration.usesAlignment else { return DetectorOutput(logits: logits) }
    let texts = alignment.classTexts(
      labelVectors(),
      x.weightedOverTime(
        by: logits, areRaw: configuration.legacyRawLogits, lengths: lengths))
    return DetectorOutput(logits: logits, classLogits: alignment.classLogits(x, texts))
  }

  /// Features X [B, T, D] and one logit per snippet [B, T].
  private func forward(_ features: Variable<Scalar>, lengths: [Int])
    -> (features: Variable<Scalar>, logits: Variable<Scalar>)
  {
    let x = trunk(
      features, mask: PaddingMask(lengths: lengths, leaks: configuration.vadclipPaddingLeak))
    return (x, classifier(x))
  }

  /// t_c, [C, D].
  private func labelVectors() -> Variable<Scalar> {
    alignment.labelVectors(isUnit: configuration.normalizesText)
  }

  public func exported(_ video: ONNXSequence) -> ExportedOutput? {
    let padding = configuration.vadclipPaddingLeak ? inputs.maximumSnippets : nil
    let x = trunk.exported(video.padded(to: padding))
    let logits = classifier.exported(x.rows)
    guard configuration.usesAlignment else { return ExportedOutput(logits: x.own(logits)) }
    let texts = alignment.exportedTexts(
      alignment.exportedLabels(isUnit: configuration.normalizesText, graph: video.graph),
      x.weightedOverTime(by: logits, areRaw: configuration.legacyRawLogits))
    return ExportedOutput(
      logits: x.own(logits), classLogits: alignment.exportedLogits(x.own(x.rows), texts))
  }

  public func parts(of batch: DetectorBatch<Scalar>) -> VideoParts<Scalar> {
    let (x, learned) = forward(Variable(batch.features), lengths: batch.lengths)
    return VideoParts(
      x, learned, of: batch, topKDivisor: inputs.topKDivisor,
      areRaw: configuration.legacyRawLogits
    ) { [self] in alignment.pooled(x, $0, lengths: batch.lengths) }
  }

  /// The blocks of `forward`, and the classifier.
  public func videoProgram(library: ProductLibrary?) -> VideoProgram? {
    guard let model = self as? VadCLIP<Float> else { return nil }
    var blocks = VideoProgramBuilder(
      inputWidth: inputs.visualWidth, leaks: configuration.vadclipPaddingLeak)
    let x = model.trunk.add(to: &blocks)
    return blocks.program(
      mlp: model.classifier.mlp, output: model.classifier.output, features: x,
      topKDivisor: inputs.topKDivisor, usesRawLogits: configuration.legacyRawLogits,
      temperature: configuration.temperature, library: library)
  }

  /// `binary` of the snippets' scores, `alignment` of the classes', `separation` of the normal
  /// class's text from the others'.
  public func losses(_ batch: DetectorBatch<Scalar>, parts: VideoParts<Scalar>)
    -> [LossTerm<Scalar>]
  {
    losses(batch, parts: parts, text: labelVectors())
  }

  /// - Parameter text: t_c, [C, D].
  package func losses(
    _ batch: DetectorBatch<Scalar>, parts: VideoParts<Scalar>, text: Variable<Scalar>
  ) -> [LossTerm<Scalar>] {
    let binary = LossTerm(
      "binary", BinaryCrossEntropy.ofProbabilities(parts.pooled, targets: batch.targets))
    guard configuration.usesAlignment else { return [binary] }
    let pooled = parts.aligned(alignment.classTexts(text, parts.vectors))
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
      ("", trunk), ("mlp1", alignment.textAdapter), ("mlp2", classifier.mlp),
      ("classifier", classifier.output), ("text_prompt_embeddings", alignment.labels.prompt),
      ("label_projection", alignment.labelProjection),
    ]
    return all.compactMap { name, module in module.map { (name, $0) } }
  }
}
