import NeuralNetworks
import Records
import Tensors

/// A detector of any family, ready to train or to score: the network, what it is fed with,
/// and the standardisation of its features.
public final class DetectorModel: Module {
  public typealias Scalar = Float

  /// The family's name.
  public let name: String
  /// The family's own configuration, as a checkpoint keeps it.
  public let configuration: JSONValue
  public let inputs: DetectorInputs
  /// Where the embeddings of the labels come from.
  public let labels: LabelEmbeddings<Float>
  public let network: any AnomalyDetector<Float>
  /// What computes training's passes.
  public var engine = DetectorEngine.video
  /// The library of the explicit code's products; nil for the faster one on this machine.
  public var library: ProductLibrary?
  /// The workers of the explicit code; nil for `MatrixThreads.count` at each step.
  public var threads: Int?
  private var program: VideoProgram?
  private let padsToMaximum: Bool
  let standardization: FeatureStandardization?
  let prior: FeaturePrior?

  /// A model with fresh parameters.
  ///
  /// - Throws: `DetectorError` where configuration, inputs and labels do not fit.
  public init(
    _ family: DetectorFamily, configuration: JSONValue, inputs: DetectorInputs,
    labels: LabelEmbeddings<Float>, generator: inout SeededGenerator
  ) throws {
    let made = try family.network(
      configuration, inputs: inputs, labels: labels, generator: &generator)
    name = family.name
    self.configuration = configuration
    self.inputs = inputs
    self.labels = labels
    network = made.model
    padsToMaximum = made.padsToMaximum
    standardization =
      inputs.standardizesFeatures ? FeatureStandardization(width: inputs.visualWidth) : nil
    prior = made.takesPrior ? FeaturePrior(inputs) : nil
  }

  public var parts: [(name: String, module: any Module<Float>)] {
    (standardization.map { [("standardization", $0)] } ?? []) + [("", network)]
  }

  /// Sets the shift and scale of the features from a training set's means and
  /// deviations, [visualWidth] each; without effect unless the inputs are standardised.
  public func setStandardization(means: [Float], deviations: [Float]) {
    standardization?.set(means: means, deviations: deviations)
  }

  /// Takes over what computes training's passes.
  ///
  /// - Throws: `DetectorError.badConfiguration` for a precision that this processor lacks.
  package func prepare(for training: TrainingConfiguration) throws {
    engine = training.engine
    library = try training.precision.library() ?? library
  }

  /// The loss terms of a batch of raw features. Buffers are staged anew; `commitBuffers` takes
  /// them over.
  ///
  /// - Parameter noise: what training does to the standardised features, such as dropout. The
  ///   features' own score does not see it.
  public func losses(
    _ batch: DetectorBatch<Float>, noise: (Tensor<Float>) -> Tensor<Float> = { $0 }
  ) -> [LossTerm<Float>] {
    var batch = batch
    let features = standardized(batch.features, lengths: batch.lengths)
    batch.prior = prior?(features, lengths: batch.lengths)
    batch.features = noise(features)
    network.discardStagedBuffers()
    guard engine == .video, let program = madeProgram() else { return network.losses(batch) }
    let run = program.run(
      batch.features, lengths: batch.lengths, prior: batch.prior, threads: threads)
    switch network {
    case let network as any VideoPartedDetector<Float>:
      return network.losses(
        batch,
        parts: VideoParts(pooled: run.pooled, vectors: run.vectors) { run.aligned(to: $0) })
    case let network as any VideoTrunkDetector<Float>:
      return network.losses(batch, trunk: run.features)
    default: return network.losses(batch)
    }
  }

  /// Nil for a model without explicit code.
  private func madeProgram() -> VideoProgram? {
    if program == nil {
      program =
        (network as? any VideoPartedDetector<Float>)?.videoProgram(library: library)
        ?? (network as? any VideoTrunkDetector<Float>)?.trunkProgram(library: library)
    }
    return program
  }

  /// Multiplications and additions of products in the videos' own part of the last step; nil
  /// where the tape computed it.
  public var operations: Int? { program?.operations }

  /// Gives back the memory that training steps used.
  public func releaseTrainingMemory() { program = nil }

  /// Sequences [n_i, visualWidth] as one batch. It is as long as its longest sequence,
  /// or as `maximumSnippets` where padding changes what the model computes.
  public func padded(_ sequences: [Tensor<Float>]) -> (features: Tensor<Float>, lengths: [Int]) {
    SnippetSequence.padded(sequences, steps: padsToMaximum ? inputs.maximumSnippets : nil)
  }

  private func standardized(_ features: Tensor<Float>, lengths: [Int]) -> Tensor<Float> {
    guard let standardization else { return features }
    return PaddingMask(lengths: lengths)(standardization(Variable(features))).value
  }

  /// A video's scores.
  public struct Scores: Sendable, Equatable {
    /// One per snippet, from 0 to 1: the sigmoid of its logit.
    public var anomaly: [Float]
    /// One per snippet. They tell scores apart that single precision rounds to 0 or 1.
    public var logits: [Float]
    /// What of each logit the features' own score gives; nil without one.
    public var prior: [Float]?
    /// [n, C], each row a distribution over `inputs.classes`; nil for a model without
    /// class logits.
    public var classes: Tensor<Float>?

    /// - Precondition: as many of each as there are snippets.
    public init(
      anomaly: [Float], logits: [Float], prior: [Float]? = nil, classes: Tensor<Float>? = nil
    ) {
      precondition(anomaly.count == logits.count && prior.map { $0.count == logits.count } ?? true)
      self.anomaly = anomaly
      self.logits = logits
      self.prior = prior
      self.classes = classes
    }

    /// The logits with a share of what was learned: the features' own score alone for 0, the
    /// model as trained for 1. Without such a score, the logits.
    public func logits(learnedShare share: Float) -> [Float] {
      guard let prior, share != 1 else { return logits }
      return zip(prior, logits).map { $0 + share * ($1 - $0) }
    }
  }

  /// The scores of a video's snippets. Only the visual features are used.
  ///
  /// More than `maximumSnippets` snippets are scored in pieces of that many, the last one
  /// shorter; pieces do not see each other, as in VadCLIP. `freeze` the model first: then
  /// no graph is recorded.
  ///
  /// - Parameters:
  ///   - features: [n, visualWidth].
  ///   - subject: what an error names, a video's id or path.
  /// - Throws: `DetectorError` for a wrong width, no snippet, or a non-finite feature.
  public func scores(_ features: Tensor<Float>, subject: String = "features") throws -> Scores {
    try SnippetSequence.check(features, width: inputs.visualWidth, subject: subject)
    var anomaly: [Float] = []
    var logits: [Float] = []
    var own: [Float] = []
    var classes: [Tensor<Float>] = []
    for piece in SnippetSequence.pieces(count: features.shape[0], maximum: inputs.maximumSnippets) {
      let (batch, lengths) = padded([features[rows: piece]])
      let standardized = standardized(batch, lengths: lengths)
      var output = network(Variable(standardized), lengths: lengths)
      if let prior {
        let logits = prior(standardized, lengths: lengths)
        output.logits = output.logits + Variable(logits)
        own += logits.scalars.prefix(piece.count)
      }
      anomaly += output.logits.sigmoid().value.scalars.prefix(piece.count)
      logits += output.logits.value.scalars.prefix(piece.count)
      if let logits = output.classLogits {
        let rows = logits.softmax().reshaped(Array(logits.shape.dropFirst())).value
        classes.append(rows[rows: 0..<piece.count])
      }
    }
    return Scores(
      anomaly: anomaly, logits: logits, prior: prior == nil ? nil : own,
      classes: classes.isEmpty ? nil : .concatenated(classes))
  }
}
