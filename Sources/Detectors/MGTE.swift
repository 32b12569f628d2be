import NeuralNetworks
import Records
import Tensors

/// MGTE (Meng et al., CVIDL 2025), in the order of its abstract: the temporal enhanced module
/// (TEM), the label enhanced module (LEM), the description enhanced module (DEM).
///
/// Only the abstract was at hand, which names the modules and what they are for. Reconstructed:
/// TEM is VadCLIP's temporal module, LEM its branch of class texts, and DEM a contrastive loss
/// between the video's vector and its description's. `Documentation/models.md` says what would
/// change with the paper. `MGTESettings.swift` has settings and presets. Parameters that VadCLIP
/// has too are named as there.
public final class MGTE<Scalar: TensorScalar>: VideoPartedDetector {
  public static var name: String { "mgte" }
  public static var title: String { "MGTE" }
  public static var reference: String {
    "Meng, Wang, Shen, Mao, MGTE, CVIDL 2025, pp. 764-767; reconstructed from its abstract"
  }

  private let configuration: MGTEConfiguration
  private let inputs: DetectorInputs
  /// TEM; nil where it is off, and then the projection of other widths is by itself.
  private let temporal: VadCLIPTrunk<Scalar>?
  private let inputProjection: Linear<Scalar>?
  private let classifier: AnomalyClassifier<Scalar>
  /// LEM.
  private let label: AlignmentBranch<Scalar>?
  private let descriptionProjection: Linear<Scalar>?
  /// DEM.
  private let description: DescriptionContrast<Scalar>?

  public init(
    _ configuration: MGTEConfiguration, inputs: DetectorInputs,
    labels: LabelEmbeddings<Scalar>, generator: inout SeededGenerator
  ) throws {
    self.configuration = configuration
    self.inputs = inputs
    let width = configuration.modelWidth
    temporal =
      configuration.usesTemporal
      ? VadCLIPTrunk(configuration, inputs: inputs, hasSigma: false, generator: &generator) : nil
    inputProjection =
      configuration.usesTemporal
      ? nil : .projection(inputs.visualWidth, width, generator: &generator)
    classifier = AnomalyClassifier(
      width: width,
      startsAtZero: configuration.takesPrior && FeaturePrior(inputs) != nil,
      generator: &generator)
    label =
      configuration.usesLabel
      ? AlignmentBranch(
        width: width, temperature: configuration.temperature, inputs: inputs, labels: labels,
        generator: &generator) : nil
    descriptionProjection =
      configuration.usesDescription
      ? .projection(inputs.textWidth, width, generator: &generator) : nil
    description =
      configuration.usesDescription
      ? DescriptionContrast(
        width: width, hasAdapters: configuration.descriptionAdapters,
        targets: configuration.contrastiveTargets,
        duplicateCosine: configuration.duplicateCosine,
        temperature: configuration.descriptionTemperature, generator: &generator) : nil
  }

  public func callAsFunction(_ features: Variable<Scalar>, lengths: [Int])
    -> DetectorOutput<Scalar>
  {
    let (x, logits) = forward(features, lengths: lengths)
    guard let label else { return DetectorOutput(logits: logits) }
    let texts = label.classTexts(
      label.labelVectors(isUnit: configuration.normalizesText),
      x.weightedOverTime(
        by: logits, areRaw: configuration.legacyRawLogits, lengths: lengths))
    return DetectorOutput(logits: logits, classLogits: label.classLogits(x, texts))
  }

  /// Features X [B, T, D] and one logit per snippet [B, T].
  private func forward(_ features: Variable<Scalar>, lengths: [Int])
    -> (features: Variable<Scalar>, logits: Variable<Scalar>)
  {
    let mask = PaddingMask(lengths: lengths, leaks: configuration.vadclipPaddingLeak)
    let x =
      temporal.map { $0(features, mask: mask) } ?? inputProjection.map { mask($0(features)) }
      ?? features
    return (x, classifier(x))
  }

  public func exported(_ video: ONNXSequence) -> ExportedOutput? {
    var x = video.padded(to: configuration.vadclipPaddingLeak ? inputs.maximumSnippets : nil)
    if let temporal {
      x = temporal.exported(x)
    } else if let inputProjection {
      x.rows = inputProjection.exported(x.rows)
    }
    let logits = classifier.exported(x.rows)
    guard let label else { return ExportedOutput(logits: x.own(logits)) }
    let texts = label.exportedTexts(
      label.exportedLabels(isUnit: configuration.normalizesText, graph: video.graph),
      x.weightedOverTime(by: logits, areRaw: configuration.legacyRawLogits))
    return ExportedOutput(
      logits: x.own(logits), classLogits: label.exportedLogits(x.own(x.rows), texts))
  }

  public func parts(of batch: DetectorBatch<Scalar>) -> VideoParts<Scalar> {
    let (x, learned) = forward(Variable(batch.features), lengths: batch.lengths)
    return VideoParts(
      x, learned, of: batch, topKDivisor: inputs.topKDivisor,
      areRaw: configuration.legacyRawLogits
    ) { [label] texts in
      guard let label else { preconditionFailure("class logits without the label module") }
      return label.pooled(x, texts, lengths: batch.lengths)
    }
  }

  /// The blocks of `forward`, and the classifier.
  public func videoProgram(library: ProductLibrary?) -> VideoProgram? {
    guard let model = self as? MGTE<Float> else { return nil }
    var blocks = VideoProgramBuilder(
      inputWidth: inputs.visualWidth, leaks: configuration.vadclipPaddingLeak)
    let x =
      model.temporal.map { $0.add(to: &blocks) }
      ?? model.inputProjection.map { blocks.linear($0, 0) } ?? blocks.inputCopy()
    return blocks.program(
      mlp: model.classifier.mlp, output: model.classifier.output, features: x,
      topKDivisor: inputs.topKDivisor, usesRawLogits: configuration.legacyRawLogits,
      temperature: configuration.usesLabel ? configuration.temperature : nil, library: library)
  }

  /// L = L_bce + λ1·L_label + λ2·L_desc + λ3·L_sep: `binary` of the snippets' scores, `label` of
  /// the classes', `separation` of the normal class's text from the others', `description` where
  /// at least two videos of the batch are described.
  public func losses(_ batch: DetectorBatch<Scalar>, parts: VideoParts<Scalar>)
    -> [LossTerm<Scalar>]
  {
    losses(
      batch, parts: parts, text: label?.labelVectors(isUnit: configuration.normalizesText))
  }

  /// - Parameter text: t_c, [C, D]; nil without the label module.
  package func losses(
    _ batch: DetectorBatch<Scalar>, parts: VideoParts<Scalar>, text: Variable<Scalar>?
  ) -> [LossTerm<Scalar>] {
    var terms = [
      LossTerm(
        "binary", BinaryCrossEntropy.ofProbabilities(parts.pooled, targets: batch.targets))
    ]
    if let label, let text {
      let pooled = parts.aligned(label.classTexts(text, parts.vectors))
      terms += [
        LossTerm("label", label.loss(pooled, of: batch), weight: configuration.labelLossWeight),
        LossTerm(
          "separation", label.separation(text), weight: configuration.separationLossWeight),
      ]
    }
    if let description, let descriptions = batch.descriptions, batch.describedRows.count > 1 {
      let raw = Variable(descriptions)
      let unit = raw.l2Normalized()
      let loss = description.loss(
        video: parts.vectors.l2Normalized().rows(batch.describedRows),
        description: descriptionProjection.map { $0(unit) } ?? unit, raw: raw)
      terms.append(
        LossTerm("description", loss, weight: configuration.descriptionLossWeight))
    }
    return terms
  }

  public var parts: [(name: String, module: any Module<Scalar>)] {
    let all: [(String, (any Module<Scalar>)?)] = [
      ("", temporal), ("input_projection", inputProjection), ("mlp1", label?.textAdapter),
      ("mlp2", classifier.mlp), ("classifier", classifier.output),
      ("text_prompt_embeddings", label?.labels.prompt),
      ("label_projection", label?.labelProjection),
      ("description_projection", descriptionProjection), ("description_adapters", description),
    ]
    return all.compactMap { name, module in module.map { (name, $0) } }
  }
}
