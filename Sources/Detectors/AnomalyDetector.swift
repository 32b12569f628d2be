import NeuralNetworks
import Records
import Tensors

/// A family of weakly supervised anomaly detectors: one type in one file, and one line
/// in `DetectorRegistry`. Trainer, checkpoints, commands and reports know only this.
///
/// The type is generic over the number: `Float` to train and score in, `Double` to check
/// gradients in. Feature standardisation, input dropout, batches, top-k lengths and
/// checkpoints are the pipeline's; a model is its arithmetic.
public protocol AnomalyDetector<Scalar>: Module, SendableMetatype {
  associatedtype Configuration: DetectorConfiguration

  /// What `--model`, checkpoints and records call it: lower case, no spaces.
  static var name: String { get }
  /// The name as its paper writes it.
  static var title: String { get }
  /// The paper, for help and reports.
  static var reference: String { get }
  /// Named choices of settings, base presets first (`DetectorPreset`).
  static var presets: [DetectorPreset<Configuration>] { get }

  /// A model with fresh parameters.
  ///
  /// - Throws: `DetectorError` where configuration, inputs and labels do not fit.
  init(
    _ configuration: Configuration, inputs: DetectorInputs, labels: LabelEmbeddings<Scalar>,
    generator: inout SeededGenerator) throws

  /// Snippet features [B, T, visualWidth], zero beyond each length, to one logit per
  /// snippet and, where the model has them, one per snippet and class. This is scoring: buffers
  /// such as running statistics are read.
  func callAsFunction(_ features: Variable<Scalar>, lengths: [Int]) -> DetectorOutput<Scalar>

  /// What `callAsFunction` computes of one video, as nodes of a graph; nil, which is the default,
  /// for a model that cannot be exported. What only training needs is left out.
  func exported(_ video: ONNXSequence) -> ExportedOutput?

  /// The named terms of a batch's loss; training minimises their weighted sum. A term
  /// that a batch cannot give (no descriptions, say) is left out. This is training: buffers are
  /// staged (`Buffer`), and the trainer commits them.
  func losses(_ batch: DetectorBatch<Scalar>) -> [LossTerm<Scalar>]
}

extension AnomalyDetector {
  public func exported(_ video: ONNXSequence) -> ExportedOutput? { nil }
}

/// What a model's graph gives for one video.
public struct ExportedOutput {
  /// One logit per snippet, [n].
  public var logits: ONNXValue
  /// One logit per snippet and class, [n, C]; nil for a model without them.
  public var classLogits: ONNXValue?

  public init(logits: ONNXValue, classLogits: ONNXValue? = nil) {
    self.logits = logits
    self.classLogits = classLogits
  }
}

/// A detector whose losses join what each video gives by itself, so that this part can run as
/// explicit code beside the tape (`VideoProgram`).
public protocol VideoPartedDetector<Scalar>: AnomalyDetector {
  /// Each video's part on the tape.
  func parts(of batch: DetectorBatch<Scalar>) -> VideoParts<Scalar>

  /// The loss terms of a batch with its videos' parts.
  func losses(_ batch: DetectorBatch<Scalar>, parts: VideoParts<Scalar>) -> [LossTerm<Scalar>]

  /// The same part as explicit code; nil where the numbers are not `Float`.
  ///
  /// - Parameter library: nil for the faster one on this machine.
  func videoProgram(library: ProductLibrary?) -> VideoProgram?
}

extension VideoPartedDetector {
  public func losses(_ batch: DetectorBatch<Scalar>) -> [LossTerm<Scalar>] {
    losses(batch, parts: parts(of: batch))
  }
}

/// A detector whose first layers treat each video by itself and can run as explicit code beside
/// the tape, while the others join the videos of a batch, as batch normalisation does.
public protocol VideoTrunkDetector<Scalar>: AnomalyDetector {
  /// What the first layers make of each video on the tape, X [B, T, D].
  func trunk(of batch: DetectorBatch<Scalar>) -> Variable<Scalar>

  /// The loss terms of a batch with its X.
  func losses(_ batch: DetectorBatch<Scalar>, trunk: Variable<Scalar>) -> [LossTerm<Scalar>]

  /// The same first layers as explicit code that ends in X; nil where the numbers are not
  /// `Float`.
  ///
  /// - Parameter library: nil for the faster one on this machine.
  func trunkProgram(library: ProductLibrary?) -> VideoProgram?
}

extension VideoTrunkDetector {
  public func losses(_ batch: DetectorBatch<Scalar>) -> [LossTerm<Scalar>] {
    losses(batch, trunk: trunk(of: batch))
  }
}

/// What each video of a batch gives by itself.
public struct VideoParts<Scalar: TensorScalar> {
  /// The mean of each video's greatest scores, [B].
  public var pooled: Variable<Scalar>
  /// The features X weighed by their scores, Σ_t weight_t·X_t, [B, D].
  public var vectors: Variable<Scalar>
  /// Of texts T [B, C, D] the mean of each video's greatest cos(X_t, T_c)/τ, [B, C]; for a model
  /// with class logits.
  public var aligned: (_ texts: Variable<Scalar>) -> Variable<Scalar>

  public init(
    pooled: Variable<Scalar>, vectors: Variable<Scalar>,
    aligned: @escaping (Variable<Scalar>) -> Variable<Scalar>
  ) {
    self.pooled = pooled
    self.vectors = vectors
    self.aligned = aligned
  }
}

/// What computes the forward and backward passes of training.
public enum DetectorEngine: String, Codable, Sendable, CaseIterable {
  /// Every operation recorded, on tensors of the whole batch.
  case tape
  /// Explicit code, video by video, for the models that have it; the tape for the others.
  case video
}

/// In what numbers the explicit code multiplies matrices in training.
public enum ProductPrecision: String, Codable, Sendable, CaseIterable {
  case f32
  /// Rounded to bfloat16, with sums, weights and all else in single precision.
  case bf16

  /// What computes the products; nil for the faster library on this machine.
  ///
  /// - Throws: `DetectorError.badConfiguration` on a processor without the instructions.
  public func library() throws -> ProductLibrary? {
    guard self == .bf16 else { return nil }
    try DetectorError.check(
      ProductLibrary.canRoundToBF16, "precision", rawValue,
      "f32 on this processor, which has no avx512_bf16")
    return .bf16
  }
}

/// The numbers and choices of one family. Every stored property is a setting: `--set`
/// finds it by its name, a checkpoint carries it as JSON.
public protocol DetectorConfiguration: Codable, Sendable, Equatable {
  /// The paper's own values.
  init()

  /// What each setting means, by property name, for `train-dbm models`.
  static var help: [String: String] { get }

  /// Checks what the types cannot say.
  ///
  /// - Throws: `DetectorError.badConfiguration` naming the key.
  func validate() throws

  /// Whether training reads descriptions.
  var usesDescriptions: Bool { get }

  /// Learnable tokens on each side of a class label, where the label encoder is CLIP; 0
  /// for fixed class embeddings.
  var promptContextLength: Int { get }

  /// How those tokens lie around a label.
  var promptLayout: LabelPromptLayout { get }

  /// Whether sequences are padded to `DetectorInputs.maximumSnippets`, because padding
  /// changes what the model computes.
  var padsToMaximum: Bool { get }

  /// Whether the model adds `DetectorBatch.prior` to its logits before its losses.
  var takesPrior: Bool { get }
}

extension DetectorConfiguration {
  public static var help: [String: String] { [:] }
  public var usesDescriptions: Bool { false }
  public var promptContextLength: Int { 0 }
  public var promptLayout: LabelPromptLayout { .shared }
  public var padsToMaximum: Bool { false }
  public var takesPrior: Bool { false }
}

/// What a model is fed with: the same for every family.
public struct DetectorInputs: Codable, Sendable, Equatable {
  /// Width of the snippet features.
  public var visualWidth: Int
  /// Width of the description embeddings.
  public var textWidth: Int
  /// Width of the label embeddings.
  public var labelTextWidth: Int
  /// The classes' names, normal included; class indices refer to it.
  public var classes: [String]
  /// The index of the class of normal videos; nil for the first.
  public var normalClass: Int?
  /// The most snippets the model sees at once (T): longer training videos are averaged
  /// down to it, longer test videos are scored in pieces.
  public var maximumSnippets = 256
  /// Multiple-instance pooling takes the ⌊length/topKDivisor⌋ + 1 greatest scores of a
  /// video: 16 is VadCLIP's, for sequences of up to 256; in sequences of some 15 snippets
  /// an event is a greater share, and one snippet alone teaches little.
  public var topKDivisor = 16
  /// Whether means of features that are stored in half precision are rounded to it, as NumPy
  /// does for VadCLIP, before they become single precision.
  public var roundsHalfMeans = false
  /// Whether features are shifted and scaled to mean 0 and deviation 1 of the training
  /// set first (off for CLIP features, useful for descriptors whose dimensions have
  /// different scales).
  public var standardizesFeatures = false
  /// Columns of the features whose mean is an anomaly score by itself (`FeaturePrior`); nil
  /// where the features have none.
  public var priorColumns: [Int]?

  public init(
    visualWidth: Int = 512, textWidth: Int = 512, labelTextWidth: Int = 512, classes: [String]
  ) {
    self.visualWidth = visualWidth
    self.textWidth = textWidth
    self.labelTextWidth = labelTextWidth
    self.classes = classes
  }

  /// Checks what the types cannot say.
  ///
  /// - Throws: `DetectorError.badConfiguration` naming the key.
  public func validate() throws {
    try DetectorError.check(visualWidth > 0, "visualWidth", visualWidth, "a positive width")
    try DetectorError.check(textWidth > 0, "textWidth", textWidth, "a positive width")
    try DetectorError.check(
      labelTextWidth > 0, "labelTextWidth", labelTextWidth, "a positive width")
    try DetectorError.check(!classes.isEmpty, "classes", classes, "at least one class")
    try DetectorError.check(
      normalClass.map(classes.indices.contains) ?? true, "normalClass", normalClass ?? 0,
      "one of the \(classes.count) classes")
    try DetectorError.check(
      maximumSnippets > 0, "maximumSnippets", maximumSnippets, "at least 1")
    try DetectorError.check(topKDivisor > 0, "topKDivisor", topKDivisor, "at least 1")
    try DetectorError.check(
      priorColumns?.allSatisfy { (0..<visualWidth).contains($0) } ?? true, "priorColumns",
      priorColumns ?? [], "columns below the width \(visualWidth)")
  }
}

extension DetectorInputs {
  /// A setting that is younger than a checkpoint has its default there.
  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    self.init(
      visualWidth: try values.decode(Int.self, forKey: .visualWidth),
      textWidth: try values.decode(Int.self, forKey: .textWidth),
      labelTextWidth: try values.decode(Int.self, forKey: .labelTextWidth),
      classes: try values.decode([String].self, forKey: .classes))
    normalClass = try values.decodeIfPresent(Int.self, forKey: .normalClass)
    maximumSnippets = try values.decode(Int.self, forKey: .maximumSnippets)
    topKDivisor = try values.decode(Int.self, forKey: .topKDivisor)
    roundsHalfMeans = try values.decodeIfPresent(Bool.self, forKey: .roundsHalfMeans) ?? false
    standardizesFeatures = try values.decode(Bool.self, forKey: .standardizesFeatures)
    priorColumns = try values.decodeIfPresent([Int].self, forKey: .priorColumns)
  }
}

/// What a model gives for a batch.
public struct DetectorOutput<Scalar: TensorScalar> {
  /// One logit per snippet, [B, T]: its sigmoid is the anomaly score.
  public var logits: Variable<Scalar>
  /// One logit per snippet and class, [B, T, C], normal included: their softmax over C
  /// are the class scores. Nil for a model without them.
  public var classLogits: Variable<Scalar>?

  public init(logits: Variable<Scalar>, classLogits: Variable<Scalar>? = nil) {
    self.logits = logits
    self.classLogits = classLogits
  }
}

/// What a model trains on in one step.
public struct DetectorBatch<Scalar: TensorScalar> {
  /// Snippet features, zero beyond each length, [B, T, visualWidth].
  public var features: Tensor<Scalar>
  /// How many snippets of each row are real, each at least 1.
  public var lengths: [Int]
  /// What the features' own score adds to the logits, [B, T]; nil without one.
  public var prior: Tensor<Scalar>?
  /// 1 for an anomalous video, 0 for a normal one, [B].
  public var targets: Tensor<Scalar>
  /// Each video's classes, at least one where it is described.
  public var classIndices: [[Int]]
  /// Which rows have a description; a video that is twice in a batch counts once.
  public var describedRows: [Int]
  /// Their description embeddings, [describedRows, textWidth].
  public var descriptions: Tensor<Scalar>?
  /// How many steps of the epoch are before this one.
  public var stepInEpoch = 0

  public init(
    features: Tensor<Scalar>, lengths: [Int], targets: Tensor<Scalar>, classIndices: [[Int]],
    describedRows: [Int] = [], descriptions: Tensor<Scalar>? = nil, prior: Tensor<Scalar>? = nil
  ) {
    self.features = features
    self.lengths = lengths
    self.prior = prior
    self.targets = targets
    self.classIndices = classIndices
    self.describedRows = describedRows
    self.descriptions = descriptions
  }
}

extension DetectorBatch {
  /// Each row's own classes in equal shares, [rows, classes].
  static func classShares(_ classIndices: [[Int]], classes: Int) -> Tensor<Scalar> {
    var shares = Tensor<Scalar>(shape: [classIndices.count, classes])
    for (row, own) in classIndices.enumerated() {
      for index in own { shares.scalars[row * classes + index] = 1 / Scalar(own.count) }
    }
    return shares
  }
}

/// One part of a loss.
public struct LossTerm<Scalar: TensorScalar> {
  /// The name in progress lines, metrics and reports: `binary`, `description`.
  public var name: String
  /// A scalar, before its weight.
  public var value: Variable<Scalar>
  public var weight: Double

  public init(_ name: String, _ value: Variable<Scalar>, weight: Double = 1) {
    self.name = name
    self.value = value
    self.weight = weight
  }
}

extension Sequence {
  /// Σ weight·value, what training minimises; nil without terms.
  public func total<Scalar>() -> Variable<Scalar>? where Element == LossTerm<Scalar> {
    reduce(nil) { sum, term in
      let share = term.weight == 1 ? term.value : term.value * Scalar(term.weight)
      return sum.map { $0 + share } ?? share
    }
  }
}
