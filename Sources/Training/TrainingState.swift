import Detectors
import Foundation
import NeuralNetworks
import Records
import Tensors

/// A run that was interrupted, on disk: weights, the optimizer's moments, the generators
/// and the order of batches. A run resumed from it ends in the same bits as one that was
/// never interrupted, at an equal number of threads.
///
/// One safetensors file, written atomically; its metadata holds the record as JSON under
/// `kess.training`.
package struct TrainingState {
  /// All but the tensors.
  struct Record: Codable, Equatable {
    var formatVersion = 1
    /// What settings and data the run is of.
    var fingerprint: String
    /// The matrix threads that it ran with.
    var threads: Int
    /// Steps that were finished.
    var step: Int
    /// The epoch under way, from 0, and the steps finished in it.
    var epoch: Int
    var stepInEpoch: Int
    var sums: EpochSums
    var history: [EpochMetrics]
    var batches: TrainingBatches.State
    var dropoutWords: [UInt64]
    /// `TrainingConfiguration.Optimizer`, and its rates' factors; nil in states from before
    /// there was a choice.
    var optimizer: String?
    var rateFactors: String?
    /// The library of the products; nil for the one that this machine finds faster.
    var library: ProductLibrary?
    var optimizerSteps: Int
    var bestScore: Double?
    /// The measurements of the test set so far, where they choose.
    var testScores: [TestSelectionRecord.Score]?
  }

  private static let recordKey = "kess.training"

  var record: Record
  var parameters: [(name: String, tensor: Tensor<Float>)]
  /// Running statistics and the like; empty for a model without them.
  var buffers: [(name: String, tensor: Tensor<Float>)]
  /// AdamW's first moments, or SGD's velocities.
  var firstMoments: [[Float]]
  /// Empty for SGD.
  var secondMoments: [[Float]]
  /// The weights and buffers of the best epoch so far; empty without validation.
  var best: [String: Tensor<Float>]

  func write(to url: URL) throws {
    var tensors: [(String, Tensor<Float>)] =
      parameters.map { ("parameter." + $0.name, $0.tensor) }
      + buffers.map { ("buffer." + $0.name, $0.tensor) }
    func add(_ prefix: String, _ moments: [[Float]]) {
      for (index, values) in moments.enumerated() {
        tensors.append(("\(prefix).\(index)", Tensor(shape: [values.count], scalars: values)))
      }
    }
    add("first", firstMoments)
    add("second", secondMoments)
    for (name, tensor) in best.sorted(by: { $0.key < $1.key }) {
      tensors.append(("best." + name, tensor))
    }
    let json = String(decoding: try JSONRecord.encode(record, pretty: false), as: UTF8.self)
    try Safetensors.write(tensors, metadata: [Self.recordKey: json], to: url)
  }

  /// The fingerprint, finished steps and threads of a state file; nil where there is none.
  ///
  /// - Throws: `TrainingError.damagedState` where it is no state file of this format.
  package static func summary(of url: URL) throws -> (fingerprint: String, step: Int, threads: Int)?
  {
    guard FileManager.default.fileExists(atPath: url.path) else { return nil }
    let record = try record(of: SafetensorsFile(url: url))
    return (record.fingerprint, record.step, record.threads)
  }

  fileprivate static func record(of file: SafetensorsFile) throws -> Record {
    let path = file.url.path
    guard let json = file.metadata[recordKey] else {
      throw TrainingError.damagedState(path: path, reason: "no '\(recordKey)' metadata")
    }
    do {
      let record = try JSONDecoder().decode(Record.self, from: Data(json.utf8))
      guard record.formatVersion == 1 else {
        throw TrainingError.damagedState(
          path: path, reason: "format \(record.formatVersion), this program reads 1")
      }
      return record
    } catch let error as DecodingError {
      throw TrainingError.damagedState(path: path, reason: JSONRecord.summary(of: error))
    }
  }
}

extension TrainingState {
  /// Reads a state for a model.
  ///
  /// - Throws: `TrainingError.damagedState` naming what does not fit.
  init(url: URL, model: DetectorModel) throws {
    let parameters = model.namedParameters
    let file = try SafetensorsFile(url: url)
    record = try Self.record(of: file)
    func tensor(_ name: String, _ shape: [Int]) throws -> Tensor<Float> {
      guard file.shape(of: name) == shape else {
        throw TrainingError.damagedState(
          path: url.path,
          reason: "tensor '\(name)' has shape \(file.shape(of: name) ?? []), expected \(shape)")
      }
      return try file.tensor(name)
    }
    self.parameters = try parameters.map { name, variable in
      (name, try tensor("parameter." + name, variable.shape))
    }
    buffers = try model.namedBuffers.map { name, buffer in
      (name, try tensor("buffer." + name, buffer.value.shape))
    }
    let trained = parameters.filter(\.variable.requiresGradient).map(\.variable)
    firstMoments = try trained.enumerated().map { index, variable in
      try tensor("first.\(index)", [variable.value.count]).scalars
    }
    let hasSecond = record.optimizer != TrainingConfiguration.Optimizer.sgd.rawValue
    secondMoments = try trained.enumerated().compactMap { index, variable in
      hasSecond ? try tensor("second.\(index)", [variable.value.count]).scalars : nil
    }
    best = [:]
    for name in file.names where name.hasPrefix("best.") {
      best[String(name.dropFirst("best.".count))] = try file.tensor(name)
    }
  }
}
