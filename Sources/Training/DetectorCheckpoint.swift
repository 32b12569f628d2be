import Detectors
import Foundation
import NeuralNetworks
import Records
import Tensors

/// A trained detector on disk: a safetensors file whose metadata holds the
/// record as JSON under `kess.checkpoint`.
///
/// Parameters have their own keys; `label_embeddings` holds the labels as the
/// model last saw them, so that the file is complete without a text encoder.
public struct DetectorCheckpoint: Sendable {
  private static let recordKey = "kess.checkpoint"
  private static let labelsKey = "label_embeddings"
  private static let contextKey = "label_prompt.context"

  /// Where it was read from, for messages.
  public let url: URL
  public let record: CheckpointRecord
  private let tensors: [String: Tensor<Float>]

  /// Writes a model, atomically.
  public static func save(_ model: DBVAD<Float>, record: CheckpointRecord, to url: URL) throws {
    var tensors = model.namedParameters.map { ($0.name, $0.variable.value) }
    tensors.append((labelsKey, model.labels.embeddings().value))
    let json = String(decoding: try JSONRecord.encode(record, pretty: false), as: UTF8.self)
    try Safetensors.write(tensors, metadata: [recordKey: json], to: url)
  }

  /// Reads a checkpoint and checks every tensor's name and shape.
  ///
  /// - Throws: `TrainingError` naming the file and what is wrong; `TensorError`
  ///   for a file that is no safetensors file.
  public init(url: URL) throws {
    let file = try SafetensorsFile(url: url)
    guard let json = file.metadata[Self.recordKey] else {
      throw TrainingError.notACheckpoint(path: url.path, reason: "no '\(Self.recordKey)' metadata")
    }
    let data = Data(json.utf8)
    do {
      struct Version: Decodable { var formatVersion: Int }
      let version = try JSONDecoder().decode(Version.self, from: data).formatVersion
      guard version == CheckpointRecord.currentVersion else {
        throw TrainingError.checkpointVersion(
          path: url.path, found: version, expected: CheckpointRecord.currentVersion)
      }
      record = try JSONDecoder().decode(CheckpointRecord.self, from: data)
    } catch let error as DecodingError {
      throw TrainingError.notACheckpoint(path: url.path, reason: JSONRecord.summary(of: error))
    }
    try record.configuration.validate()
    self.url = url
    let template = try Self.emptyModel(record.configuration)
    var expected = template.namedParameters.map { ($0.name, $0.variable.shape) }
    expected.append((Self.labelsKey, template.labels.shape))
    var tensors: [String: Tensor<Float>] = [:]
    for (name, shape) in expected {
      guard let found = file.shape(of: name) else {
        throw TrainingError.missingTensor(path: url.path, name: name, expected: shape)
      }
      guard found == shape else {
        throw TrainingError.wrongShape(
          path: url.path, name: name, found: found, expected: shape)
      }
      tensors[name] = try file.tensor(name)
    }
    // The learnable tokens are kept for reference: scoring needs only the labels
    // that came of them.
    if let stray = file.names.first(where: { tensors[$0] == nil && $0 != Self.contextKey }) {
      throw TrainingError.unexpectedTensor(
        path: url.path, name: stray, found: file.shape(of: stray) ?? [])
    }
    self.tensors = tensors
  }

  /// The model, frozen: ready to score.
  public func model() throws -> DBVAD<Float> {
    let model = try Self.emptyModel(record.configuration, labels: tensors[Self.labelsKey])
    try model.load(tensors)
    model.freeze()
    return model
  }

  private static func emptyModel(
    _ configuration: DBVADConfiguration, labels: Tensor<Float>? = nil
  ) throws -> DBVAD<Float> {
    var generator = SeededGenerator(seed: 0)
    let shape = [configuration.classes.count, configuration.labelTextWidth]
    return try DBVAD(
      configuration: configuration, labels: .fixed(labels ?? Tensor(shape: shape)),
      generator: &generator)
  }

  /// Refuses features of another encoder, pooling or crop.
  ///
  /// - Throws: `TrainingError.otherEncoder` with both names.
  public func requireVisualEncoder(
    _ encoder: ProvenanceLabel, pooling: String? = nil, crops: String? = nil
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
