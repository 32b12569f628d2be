import Detectors
import Foundation
import NeuralNetworks
import Records
import Tensors

/// Everything about a trained detector but its numbers.
public struct CheckpointRecord: Codable, Sendable, Equatable {
  /// The format that this program writes; it reads this one and format 1.
  public static let currentVersion = 2

  public var formatVersion = Self.currentVersion
  /// The model, its configuration, its inputs and how it was trained.
  public var plan: DetectorPlan
  public var visualEncoder: EncoderIdentity
  /// The encoder of the descriptions, nil where none were used.
  public var descriptionEncoder: EncoderIdentity?
  /// The encoder of the labels, nil where none were used.
  public var labelEncoder: EncoderIdentity?
  /// How 16 frames became one vector (`mean16`, `first`, `centre`, `builtin`).
  public var pooling: String
  /// Which crops of a frame were encoded.
  public var crops: String
  /// The data set's name.
  public var dataset: String
  /// How many epochs were finished.
  public var epoch = 0
  /// False where training was stopped before its last epoch.
  public var isComplete = false
  /// What the scores mean, by held-out training videos; nil where that was not found out, as
  /// in checkpoints of earlier versions.
  public var calibration: ScoreCalibration?
  /// How the weights were chosen on the test set; nil where test videos chose nothing.
  public var testSelection: TestSelectionRecord?
  /// True where the file has only the tensors that scoring reads (`DetectorExport`); nil for all.
  public var isVisualPath: Bool?
  /// Where weights came from that were not trained here; nil for those that were.
  public var origin: CheckpointOrigin?

  public var seed: UInt64 { plan.training.seed }

  public init(
    plan: DetectorPlan, visualEncoder: EncoderIdentity, descriptionEncoder: EncoderIdentity? = nil,
    labelEncoder: EncoderIdentity? = nil, pooling: String, crops: String = "centre",
    dataset: String, calibration: ScoreCalibration? = nil
  ) {
    self.plan = plan
    self.visualEncoder = visualEncoder
    self.descriptionEncoder = descriptionEncoder
    self.labelEncoder = labelEncoder
    self.pooling = pooling
    self.crops = crops
    self.dataset = dataset
    self.calibration = calibration
  }
}

/// The file that a checkpoint was imported from.
public struct CheckpointOrigin: Codable, Sendable, Equatable {
  /// Its name.
  public var file: String
  /// SHA-256 of all its bytes.
  public var contentHash: String

  public init(file: String, contentHash: String) {
    self.file = file
    self.contentHash = contentHash
  }
}

extension CheckpointRecord {
  /// How the weights came about, in words.
  public var provenance: String {
    if let origin {
      return "imported from \(origin.file) (SHA-256 \(origin.contentHash.prefix(12))...)"
    }
    return "trained on \(dataset), seed \(seed), \(epoch) epochs"
  }
}

/// Format 1, of the time when DBVAD was the only model: its configuration held the inputs.
private struct FirstFormatRecord: Decodable {
  var configuration: JSONValue
  var training: TrainingConfiguration
  var visualEncoder: EncoderIdentity
  var descriptionEncoder: EncoderIdentity?
  var labelEncoder: EncoderIdentity?
  var pooling: String
  var crops: String
  var dataset: String
  var epoch: Int
  var isComplete: Bool

  func record() throws -> CheckpointRecord {
    let usesDescriptions = configuration["usesDBM"] == .bool(true)
    var promptContextLength = 0
    if case .integer(let length)? = configuration["promptContextLength"] {
      promptContextLength = length
    }
    var record = CheckpointRecord(
      plan: DetectorPlan(
        model: "dbvad", variant: usesDescriptions ? "dbvad" : "dbvad-no-dbm", presets: [],
        configuration: configuration, inputs: try configuration.decoded(), training: training,
        usesDescriptions: usesDescriptions, promptContextLength: promptContextLength),
      visualEncoder: visualEncoder, descriptionEncoder: descriptionEncoder,
      labelEncoder: labelEncoder, pooling: pooling, crops: crops, dataset: dataset)
    record.epoch = epoch
    record.isComplete = isComplete
    return record
  }
}

/// A trained detector on disk: a safetensors file whose metadata holds the
/// record as JSON under `kess.checkpoint`.
///
/// Parameters and buffers have their own keys; `label_embeddings` holds the labels as the
/// model last saw them, so that the file is complete without a text encoder.
public struct DetectorCheckpoint: Sendable {
  static let recordKey = "kess.checkpoint"
  static let labelsKey = "label_embeddings"
  /// Parameters of learnable prompts, which only training needs.
  private static let promptNames = LabelPromptLayout.allCases.map(\.parameterName)

  /// Where it was read from, for messages.
  public let url: URL
  public let record: CheckpointRecord
  private let family: DetectorFamily
  private let tensors: [String: Tensor<Float>]
  /// How many numbers training changed, learnable prompts included.
  public let trainedCount: Int

  /// Writes a model, atomically.
  public static func save(_ model: DetectorModel, record: CheckpointRecord, to url: URL) throws {
    var tensors = model.namedTensors.map { ($0.name, $0.tensor) }
    if record.isVisualPath == true {
      let read = Set(try model.exported().graph.tensorNames)
      tensors.removeAll { !read.contains($0.0) }
    }
    tensors.append((labelsKey, model.labels.embeddings().value))
    try Safetensors.write(tensors, metadata: [recordKey: json(of: record)], to: url)
  }

  static func json(of record: CheckpointRecord) throws -> String {
    String(decoding: try JSONRecord.encode(record, pretty: false), as: UTF8.self)
  }

  /// Reads a checkpoint and checks every tensor's name, shape and numbers.
  ///
  /// - Throws: `TrainingError` naming the file and what is wrong; `TensorError`
  ///   for a file that is no safetensors file; `DetectorError` for an unknown model.
  public init(url: URL, registry: DetectorRegistry = .standard) throws {
    let file = try SafetensorsFile(url: url)
    guard let json = file.metadata[Self.recordKey] else {
      throw TrainingError.notACheckpoint(path: url.path, reason: "no '\(Self.recordKey)' metadata")
    }
    do {
      record = try Self.record(from: Data(json.utf8), path: url.path)
    } catch let error as DecodingError {
      throw TrainingError.notACheckpoint(path: url.path, reason: JSONRecord.summary(of: error))
    }
    self.url = url
    family = try registry.family(record.plan.model)
    let template = try Self.emptyModel(family, record.plan)
    var expected = template.namedShapes.map { ($0.name, $0.shape) }
    if record.isVisualPath == true {
      let read = Set(try template.exported().graph.tensorNames)
      expected.removeAll { !read.contains($0.0) }
    }
    expected.append((Self.labelsKey, template.labels.shape))
    tensors = try Self.tensors(of: file, expected: expected) { name, tensor in
      try TrainingError.checkFinite(tensor, named: name, path: url.path)
    }
    let prompts = Self.promptNames.compactMap { file.shape(of: $0)?.reduce(1, *) }
    trainedCount =
      template.namedParameters.filter(\.variable.requiresGradient)
      .reduce(0) { $0 + $1.variable.value.count } + prompts.reduce(0, +)
  }

  /// The tensors of a model from a file that has them all, and no other but those of `allowed`
  /// and the learnable tokens: these are kept for reference, for scoring needs only the labels
  /// that came of them.
  ///
  /// - Parameter check: called with each tensor.
  /// - Throws: `TrainingError` naming file and tensor, and what `check` throws.
  static func tensors(
    of file: SafetensorsFile, expected: [(String, [Int])], allowed: [String] = [],
    check: (String, Tensor<Float>) throws -> Void = { _, _ in }
  ) throws -> [String: Tensor<Float>] {
    let path = file.url.path
    let known = Set(expected.map(\.0) + promptNames + allowed)
    if let stray = file.names.first(where: { !known.contains($0) }) {
      throw TrainingError.unexpectedTensor(
        path: path, name: stray, found: file.shape(of: stray) ?? [])
    }
    var tensors: [String: Tensor<Float>] = [:]
    for (name, shape) in expected {
      guard let found = file.shape(of: name) else {
        throw TrainingError.missingTensor(path: path, name: name, expected: shape)
      }
      guard found == shape else {
        throw TrainingError.wrongShape(path: path, name: name, found: found, expected: shape)
      }
      let tensor = try file.numbers(name)
      try check(name, tensor)
      tensors[name] = tensor
    }
    return tensors
  }

  private static func record(from data: Data, path: String) throws -> CheckpointRecord {
    struct Version: Decodable { var formatVersion: Int }
    switch try JSONDecoder().decode(Version.self, from: data).formatVersion {
    case CheckpointRecord.currentVersion:
      return try JSONDecoder().decode(CheckpointRecord.self, from: data)
    case 1:
      return try JSONDecoder().decode(FirstFormatRecord.self, from: data).record()
    case let version:
      throw TrainingError.checkpointVersion(
        path: path, found: version, expected: CheckpointRecord.currentVersion)
    }
  }

  /// The model, frozen: ready to score.
  public func model() throws -> DetectorModel {
    let model = try Self.emptyModel(family, record.plan, labels: tensors[Self.labelsKey])
    // What only training reads keeps its start.
    let fresh = record.isVisualPath == true ? model.namedTensors.map { ($0.name, $0.tensor) } : []
    try model.load(Dictionary(uniqueKeysWithValues: fresh).merging(tensors) { $1 })
    model.freeze()
    return model
  }

  /// The family that made it.
  public var title: String { family.title }

  private static func emptyModel(
    _ family: DetectorFamily, _ plan: DetectorPlan, labels: Tensor<Float>? = nil
  ) throws -> DetectorModel {
    var generator = SeededGenerator(seed: 0)
    let shape = [plan.inputs.classes.count, plan.inputs.labelTextWidth]
    return try DetectorModel(
      family, configuration: plan.configuration, inputs: plan.inputs,
      labels: .fixed(labels ?? Tensor(shape: shape)), generator: &generator)
  }

  /// Refuses features of another encoder, pooling or crop.
  ///
  /// - Throws: `TrainingError.otherEncoder` with both names.
  public func requireVisualEncoder(
    _ encoder: EncoderIdentity, pooling: String? = nil, crops: String? = nil
  ) throws {
    func check(_ holds: Bool, _ what: String, _ found: String, _ expected: String) throws {
      guard holds else {
        throw TrainingError.otherEncoder(
          path: url.path, what: what, found: found, expected: expected)
      }
    }
    try check(
      encoder.isSameEncoder(as: record.visualEncoder), "the features' encoder",
      encoder.description, record.visualEncoder.description)
    if let pooling {
      try check(pooling == record.pooling, "the features' pooling", pooling, record.pooling)
    }
    if let crops {
      try check(crops == record.crops, "the features' crop", crops, record.crops)
    }
  }
}
