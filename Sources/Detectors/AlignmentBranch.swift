import NeuralNetworks
import Records
import Tensors

/// The settings of VadCLIP's trunk with its alignment branch, in every model that has both.
protocol AlignmentConfiguration: VadCLIPTrunkConfiguration {
  var temperature: Double { get }
  var separationLossWeight: Double { get }
  var promptContextLength: Int { get }
}

extension AlignmentConfiguration {
  static var alignmentHelp: [String: String] {
    trunkHelp.merging([
      "temperature": "temperature of the class logits",
      "separationLossWeight": "weight of the loss that parts the normal text from the others",
      "promptContextLength": "learnable tokens on each side of a label (CLIP labels only)",
      "usesPrior": "start from the built-in features' own score (CLIP features have none)",
    ]) { own, _ in own }
  }

  func validateAlignment() throws {
    try validateTrunk()
    let check = DetectorError.check
    try check(temperature > 0, "temperature", temperature, "a positive temperature")
    try check(separationLossWeight >= 0, "separationLossWeight", separationLossWeight, "0 or more")
    try check(promptContextLength >= 0, "promptContextLength", promptContextLength, "0 or more")
  }
}

/// VadCLIP's branch that aligns snippets with the classes' texts, in every model that has it.
///
/// It is no module: a model lists its layers by the names of its own checkpoint.
struct AlignmentBranch<Scalar: TensorScalar> {
  let labels: LabelEmbeddings<Scalar>
  let labelProjection: Linear<Scalar>?
  let textAdapter: FeedForward<Scalar>
  private let inputs: DetectorInputs
  private let temperature: Double

  init(
    width: Int, temperature: Double, inputs: DetectorInputs, labels: LabelEmbeddings<Scalar>,
    generator: inout SeededGenerator
  ) {
    self.labels = labels
    self.inputs = inputs
    self.temperature = temperature
    labelProjection = .projection(inputs.labelTextWidth, width, generator: &generator)
    textAdapter = FeedForward(width, generator: &generator)
  }

  /// t_c, [C, D].
  ///
  /// - Parameter isUnit: whether label embeddings are scaled to length 1 first.
  func labelVectors(isUnit: Bool) -> Variable<Scalar> {
    labels.vectors(isUnit: isUnit, projection: labelProjection)
  }

  /// T_c = (t_c + V) + MLP(t_c + V) with the visual prompt V, [B, C, D].
  ///
  /// - Parameters:
  ///   - text: t_c, [C, D].
  ///   - vectors: V before it is scaled to length 1, [B, D].
  func classTexts(_ text: Variable<Scalar>, _ vectors: Variable<Scalar>) -> Variable<Scalar> {
    let (count, classes) = (vectors.shape[0], text.shape[0])
    let joined =
      text.rows((0..<count).flatMap { _ in 0..<classes })
      + vectors.l2Normalized().rows((0..<count).flatMap { repeatElement($0, count: classes) })
    return (joined + textAdapter(joined)).reshaped([count, classes, text.shape[1]])
  }

  /// cos(X_t, T_c)/τ, [B, T, C].
  func classLogits(_ x: Variable<Scalar>, _ texts: Variable<Scalar>) -> Variable<Scalar> {
    x.cosineSimilarity(to: texts) * Scalar(1 / temperature)
  }

  /// Of each class the mean of a video's greatest logits, [B, C].
  func pooled(_ x: Variable<Scalar>, _ texts: Variable<Scalar>, lengths: [Int])
    -> Variable<Scalar>
  {
    let perClass = classLogits(x, texts).transposed()
    let (count, classes, steps) = (perClass.shape[0], perClass.shape[1], perClass.shape[2])
    return perClass.reshaped([count * classes, steps])
      .topKMean(
        lengths: lengths.flatMap { repeatElement($0, count: classes) },
        divisor: inputs.topKDivisor
      )
      .reshaped([count, classes])
  }

  /// The cross-entropy of pooled class logits [B, C]; a video's classes have equal shares.
  func loss(_ pooled: Variable<Scalar>, of batch: DetectorBatch<Scalar>) -> Variable<Scalar> {
    CrossEntropy.ofLogits(
      pooled,
      targets: DetectorBatch<Scalar>.classShares(
        batch.classIndices, classes: inputs.classes.count))
  }

  /// The mean of |cos(t_normal, t_c)| over the anomalous classes.
  func separation(_ text: Variable<Scalar>) -> Variable<Scalar> {
    let normal = inputs.normalClass ?? 0
    let others = inputs.classes.indices.filter { $0 != normal }
    guard !others.isEmpty else { return Variable(Tensor(shape: [], scalars: [0])) }
    let unit = text.l2Normalized()
    let cosines = unit.rows(others).matrixMultiplied(
      by: unit.rows([normal]), otherTransposed: true)
    return (cosines.reLU() + (cosines * -1).reLU()).mean()
  }

  // MARK: - The same for one video, as nodes of a graph

  /// t_c, [C, D]: a constant, computed here.
  func exportedLabels(isUnit: Bool, graph: ONNXGraph) -> ONNXValue {
    for parameter in labelProjection?.ownParameters ?? [] { graph.use(parameter.variable) }
    return graph.constant(
      "class_texts", labelVectors(isUnit: isUnit).value.converted(to: Float.self))
  }

  /// T_c, [C, D].
  ///
  /// - Parameters:
  ///   - text: t_c, [C, D].
  ///   - vector: V before it is scaled to length 1, [1, D].
  func exportedTexts(_ text: ONNXValue, _ vector: ONNXValue) -> ONNXValue {
    let joined = text + vector.l2Normalized()
    return joined + textAdapter.exported(joined)
  }

  /// cos(X_t, T_c)/τ, [T, C].
  func exportedLogits(_ x: ONNXValue, _ texts: ONNXValue) -> ONNXValue {
    x.cosineSimilarity(to: texts) * Float(1 / temperature)
  }
}
