import Detectors
import Foundation
import NeuralNetworks
import Records
import Tensors
import TestSupport
import Testing
import Training

@Suite struct DetectorCheckpointTests {
  private let folder: TemporaryFolder
  private let model: DetectorModel
  private let url: URL
  private let record: CheckpointRecord

  init() throws {
    folder = try TemporaryFolder()
    model = try SmallDetector.model()
    url = folder.file("model.safetensors")
    record = try SmallDetector.record(TrainingConfiguration(seed: 9))
    try DetectorCheckpoint.save(model, record: record, to: url)
  }

  /// The file's tensors and metadata, changed and written again.
  private func rewritten(
    _ change: (inout [String: Tensor<Float>], inout [String: String]) throws -> Void
  ) throws -> URL {
    let file = try SafetensorsFile(url: url)
    var tensors: [String: Tensor<Float>] = [:]
    for name in file.names { tensors[name] = try file.tensor(name) }
    var metadata = file.metadata
    try change(&tensors, &metadata)
    let other = folder.file("other.safetensors")
    try Safetensors.write(
      tensors.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }, metadata: metadata, to: other)
    return other
  }

  @Test("what is loaded scores as what was saved, and carries its record")
  func roundTrip() throws {
    let checkpoint = try DetectorCheckpoint(url: url)
    #expect(checkpoint.record == record && checkpoint.record.seed == 9)
    let features = try SyntheticVideos(count: 2, seed: 5).samples[1].features.tensor()
    #expect(try checkpoint.model().scores(features) == model.scores(features))
  }

  @Test("a calibration is kept; a checkpoint from before there was one has none")
  func calibration() throws {
    var calibrated = record
    calibrated.calibration = ScoreCalibration(
      (0..<20).map { .init(logit: Float($0), isAnomalous: $0 % 2 == 1) }, folds: 4)
    try DetectorCheckpoint.save(model, record: calibrated, to: url)
    let read = try DetectorCheckpoint(url: url)
    #expect(read.record == calibrated && read.record.calibration?.threshold != nil)
    let old = try rewritten { _, metadata in
      let json = try JSONDecoder().decode(
        JSONValue.self, from: Data((metadata["kess.checkpoint"] ?? "").utf8))
      var plain = json
      plain["calibration"] = nil
      metadata["kess.checkpoint"] = String(
        decoding: try JSONRecord.encode(plain, pretty: false), as: UTF8.self)
    }
    #expect(try DetectorCheckpoint(url: old).record == record)
    // Without a calibration the record's bytes are those of earlier versions.
    #expect(
      !String(decoding: try JSONRecord.encode(record), as: UTF8.self).contains("calibration"))
  }

  @Test("a tensor that is missing, of another shape or of no part is named with both shapes")
  func tensors() throws {
    let name = "classifier.output.weight"
    let missing = try rewritten { tensors, _ in tensors[name] = nil }
    #expect(
      throws: TrainingError.missingTensor(path: missing.path, name: name, expected: [1, 16])
    ) { try DetectorCheckpoint(url: missing) }
    let wrong = try rewritten { tensors, _ in tensors[name] = Tensor(shape: [1, 8]) }
    #expect(
      throws: TrainingError.wrongShape(
        path: wrong.path, name: name, found: [1, 8], expected: [1, 16])
    ) { try DetectorCheckpoint(url: wrong) }
    let stray = try rewritten { tensors, _ in tensors["stray"] = Tensor(shape: [2]) }
    #expect(
      throws: TrainingError.unexpectedTensor(path: stray.path, name: "stray", found: [2])
    ) { try DetectorCheckpoint(url: stray) }
  }

  @Test("a file without the record, or of another format version, is refused")
  func metadata() throws {
    let bare = try rewritten { _, metadata in metadata = [:] }
    #expect(throws: TrainingError.self) { try DetectorCheckpoint(url: bare) }
    let newer = try rewritten { _, metadata in
      metadata["kess.checkpoint"] = metadata["kess.checkpoint"]?.replacingOccurrences(
        of: "\"formatVersion\":2", with: "\"formatVersion\":3")
    }
    #expect(
      throws: TrainingError.checkpointVersion(path: newer.path, found: 3, expected: 2)
    ) { try DetectorCheckpoint(url: newer) }
  }

  @Test("features of another encoder, pooling or crop are refused with both names")
  func visualEncoder() throws {
    let checkpoint = try DetectorCheckpoint(url: url)
    var label = record.visualEncoder
    try checkpoint.requireVisualEncoder(label, pooling: "mean16", crops: "centre")
    label.model = "a local copy of the same weights"
    try checkpoint.requireVisualEncoder(label)
    label.weightsHash = "bb"
    let error = #expect(throws: TrainingError.self) {
      try checkpoint.requireVisualEncoder(label)
    }
    #expect(
      error?.description
        == "\(url.path): the features' encoder is clip a local copy of the same weights#bb (32-d), "
        + "but the checkpoint was trained with clip openai/clip-vit-base-patch16#aa (32-d); "
        + "extract features with that, or train a checkpoint for these")
    #expect(throws: TrainingError.self) {
      try checkpoint.requireVisualEncoder(record.visualEncoder, pooling: "first")
    }
  }

  @Test("format 1, of DBVAD alone, is read: its configuration held the inputs")
  func firstFormat() throws {
    struct Old: Encodable {
      var formatVersion = 1
      var configuration: JSONValue
      var training = TrainingConfiguration(epochs: 7, seed: 9)
      var visualEncoder: EncoderIdentity
      var pooling = "mean16"
      var crops = "centre"
      var dataset = "synthetic"
      var seed = 9
      var epoch = 7
      var isComplete = true
    }
    var configuration = record.plan.configuration
    guard case .object(let inputs) = try JSONValue(encoding: record.plan.inputs) else { return }
    for (key, value) in inputs { configuration[key] = value }
    // A setting that format 1 did not know has its default.
    configuration["temporalSkip"] = nil
    let old = Old(configuration: configuration, visualEncoder: record.visualEncoder)
    let file = try rewritten { _, metadata in
      metadata["kess.checkpoint"] = String(
        decoding: try JSONRecord.encode(old, pretty: false), as: UTF8.self)
    }
    let checkpoint = try DetectorCheckpoint(url: file)
    #expect(checkpoint.record.plan.model == "dbvad" && checkpoint.record.plan.variant == "dbvad")
    #expect(checkpoint.record.plan.inputs == record.plan.inputs && checkpoint.record.epoch == 7)
    let features = try SyntheticVideos(count: 2, seed: 5).samples[1].features.tensor()
    #expect(try checkpoint.model().scores(features) == model.scores(features))
  }

  @Test("non-finite weights and an unknown model are refused by name")
  func refused() throws {
    let name = "classifier.output.weight"
    let broken = try rewritten { tensors, _ in tensors[name]?.scalars[3] = .nan }
    #expect(throws: TrainingError.nonFiniteWeights(path: broken.path, name: name, index: 3)) {
      try DetectorCheckpoint(url: broken)
    }
    let other = try rewritten { _, metadata in
      metadata["kess.checkpoint"] = metadata["kess.checkpoint"]?.replacingOccurrences(
        of: "\"model\":\"dbvad\"", with: "\"model\":\"newer\"")
    }
    #expect(
      throws: DetectorError.unknownModel(
        name: "newer", known: DetectorRegistry.standard.families.map(\.name))
    ) {
      try DetectorCheckpoint(url: other)
    }
  }
}
