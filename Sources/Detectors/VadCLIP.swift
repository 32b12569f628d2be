import NeuralNetworks
import Records
import Tensors

/// VadCLIP (Wu et al., AAAI 2024), in the order of its paper: a transformer over windows of
/// time, two graphs over the whole video, a branch that scores snippets, and a branch that
/// aligns them with the classes' texts. `VadCLIPSettings.swift` has its settings and presets.
///
/// Parameters have the published checkpoints' names. The weights of the graph layers
/// (`gc1` to `gc4`) are [out, in] here and [in, out] there.
public final class VadCLIP<Scalar: TensorScalar>: VideoPartedDetector {
  public static var name: String { "vadclip" }
  public static var title: String { "VadCLIP" }
  public static var reference: String {
    "Wu et al., VadCLIP: Adapting Vision-Language Models for Weakly Supervised Video Anomaly "
      + "Detection, AAAI 2024"
  }

  private let configuration: VadCLIPConfiguration
  private let inputs: DetectorInputs
  private let labels: LabelEmbeddings<Scalar>
  private let inputProjection: Linear<Scalar>?
  /// A row for each snippet, [maximumSnippets, D].
  private let positions: Variable<Scalar>
  private let transformer: WindowedTransformer<Scalar>
  private let graphs: TemporalGraphs<Scalar>
  private let fusion: Linear<Scalar>
  private let classifier: AnomalyClassifier<Scalar>
  private let labelProjection: Linear<Scalar>?
  private let textAdapter: FeedForward<Scalar>
  /// Published checkpoints have it; nothing reads it.
  private let sigma: Variable<Scalar>

  public init(
    _ configuration: VadCLIPConfiguration, inputs: DetectorInputs,
    labels: LabelEmbeddings<Scalar>, generator: inout SeededGenerator
  ) throws {
    self.configuration = configuration
    self.inputs = inputs
    self.labels = labels
    let width = configuration.modelWidth
    inputProjection = .projection(inputs.visualWidth, width, generator: &generator)
    positions = Variable(
      Initialization.normal([inputs.maximumSnippets, width], generator: &generator),
      requiresGradient: true)
    transformer = WindowedTransformer(
      width: width, layers: configuration.transformerLayers, window: configuration.window,
      generator: &generator)
    graphs = TemporalGraphs(
      width: width, layers: 2,
      options: .init(
        similarityThreshold: configuration.similarityThreshold,
        distanceScale: configuration.distanceScale, isNormalized: configuration.normalizesGraphs),
      generator: &generator)
    fusion = Linear(width, width, generator: &generator)
    classifier = AnomalyClassifier(
      width: width,
      startsAtZero: configuration.takesPrior && FeaturePrior(inputs) != nil,
      generator: &generator)
    labelProjection = .projection(inputs.labelTextWidth, width, generator: &generator)
    textAdapter = FeedForward(width, generator: &generator)
    sigma = Variable(Tensor(shape: [1], scalars: [0.1]), requiresGradient: true)
  }

  public func callAsFunction(_ features: Variable<Scalar>, lengths: [Int])
    -> DetectorOutput<Scalar>
  {
    let (x, logits) = forward(features, lengths: lengths)
    guard configuration.usesAlignment else { return DetectorOutput(logits: logits) }
    let texts = classTexts(labelVectors(), vectors(x, logits, lengths: lengths))
    return DetectorOutput(logits: logits, classLogits: classLogits(x, texts))
  }

  /// Features X [B, T, D] and one logit per snippet [B, T].
  private func forward(_ features: Variable<Scalar>, lengths: [Int])
    -> (features: Variable<Scalar>, logits: Variable<Scalar>)
  {
    let mask = PaddingMask(lengths: lengths, leaks: configuration.vadclipPaddingLeak)
    var x = features
    if let inputProjection { x = mask(inputProjection(x)) }
    let (count, steps, width) = (x.shape[0], x.shape[1], x.shape[2])
    let places = positions.rows(Array(0..<steps)).reshaped([steps * width])
    x = mask(
      x.reshaped([count, steps * width]).addingBias(places).reshaped([count, steps, width]))
    x = transformer(x, mask: mask)
    x = mask(fusion(graphs(x, mask: mask)))
    return (x, classifier(x))
  }

  /// t_c, [C, D].
  private func labelVectors() -> Variable<Scalar> {
    labels.vectors(isUnit: configuration.normalizesText, projection: labelProjection)
  }

  /// The visual prompt before it is scaled to length 1: X weighed by its logits or scores,
  /// [B, D].
  private func vectors(_ x: Variable<Scalar>, _ logits: Variable<Scalar>, lengths: [Int])
    -> Variable<Scalar>
  {
    x.weightedSumOverTime(
      configuration.legacyRawLogits ? logits : logits.sigmoid().maskedBeyond(lengths: lengths))
  }

  /// T_c = (t_c + V) + MLP(t_c + V) with the visual prompt V of length 1, [B, C, D].
  private func classTexts(_ text: Variable<Scalar>, _ vectors: Variable<Scalar>)
    -> Variable<Scalar>
  {
    let (count, classes) = (vectors.shape[0], text.shape[0])
    let joined =
      text.rows((0..<count).flatMap { _ in 0..<classes })
      + vectors.l2Normalized().rows((0..<count).flatMap { repeatElement($0, count: classes) })
    return (joined + textAdapter(joined)).reshaped([count, classes, configuration.modelWidth])
  }

  /// cos(X_t, T_c)/τ, [B, T, C].
  private func classLogits(_ x: Variable<Scalar>, _ texts: Variable<Scalar>) -> Variable<Scalar> {
    x.cosineSimilarity(to: texts) * Scalar(1 / configuration.temperature)
  }

  public func parts(of batch: DetectorBatch<Scalar>) -> VideoParts<Scalar> {
    let (x, learned) = forward(Variable(batch.features), lengths: batch.lengths)
    let logits = batch.prior.map { learned + Variable($0) } ?? learned
    let divisor = inputs.topKDivisor
    return VideoParts(
      pooled: logits.sigmoid().topKMean(lengths: batch.lengths, divisor: divisor),
      vectors: vectors(x, logits, lengths: batch.lengths)
    ) { [self] texts in
      let perClass = classLogits(x, texts).transposed()
      let (count, classes, steps) = (perClass.shape[0], perClass.shape[1], perClass.shape[2])
      return perClass.reshaped([count * classes, steps])
        .topKMean(
          lengths: batch.lengths.flatMap { repeatElement($0, count: classes) }, divisor: divisor
        )
        .reshaped([count, classes])
    }
  }

  /// The blocks of `forward`, and the classifier.
  public func videoProgram(library: ProductLibrary?) -> VideoProgram? {
    guard let model = self as? VadCLIP<Float> else { return nil }
    var blocks = VideoProgramBuilder(
      inputWidth: inputs.visualWidth, leaks: configuration.vadclipPaddingLeak)
    var x = model.inputProjection.map { blocks.linear($0, 0) } ?? 0
    x = blocks.positions(model.positions, x)
    x = blocks.transformer(model.transformer, x)
    x = blocks.linear(model.fusion, blocks.graphs(model.graphs, x))
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
    return [
      binary,
      LossTerm(
        "alignment",
        CrossEntropy.ofLogits(
          parts.aligned(classTexts(text, parts.vectors)),
          targets: DetectorBatch<Scalar>.classShares(
            batch.classIndices, classes: inputs.classes.count)),
        weight: configuration.alignmentLossWeight),
      LossTerm("separation", separation(text), weight: configuration.separationLossWeight),
    ]
  }

  /// The mean of |cos(t_normal, t_c)| over the anomalous classes.
  private func separation(_ text: Variable<Scalar>) -> Variable<Scalar> {
    let normal = inputs.normalClass ?? 0
    let others = inputs.classes.indices.filter { $0 != normal }
    guard !others.isEmpty else { return Variable(Tensor(shape: [], scalars: [0])) }
    let unit = text.l2Normalized()
    let cosines = unit.rows(others).matrixMultiplied(
      by: unit.rows([normal]), otherTransposed: true)
    return (cosines.reLU() + (cosines * -1).reLU()).mean()
  }

  public var ownParameters: [(name: String, variable: Variable<Scalar>)] {
    [("frame_position_embeddings.weight", positions), ("disAdj.sigma", sigma)]
  }

  public var parts: [(name: String, module: any Module<Scalar>)] {
    let all: [(String, (any Module<Scalar>)?)] = [
      ("input_projection", inputProjection), ("temporal", transformer),
      ("gc1", graphs.similarity[0]), ("gc2", graphs.similarity[1]), ("gc3", graphs.distance[0]),
      ("gc4", graphs.distance[1]), ("linear", fusion), ("mlp1", textAdapter),
      ("mlp2", classifier.mlp), ("classifier", classifier.output),
      ("text_prompt_embeddings", labels.prompt), ("label_projection", labelProjection),
    ]
    return all.compactMap { name, module in module.map { (name, $0) } }
  }
}
