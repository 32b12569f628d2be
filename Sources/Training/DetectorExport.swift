import Detectors
import Foundation
import NeuralNetworks
import Records

/// Writes the visual path of a trained detector for other programs: from raw snippet features to
/// scores, without what only training reads (descriptions, prompts, the text tower).
public struct DetectorExport {
  public enum Format: String, Sendable, CaseIterable {
    /// A checkpoint without the tensors that only training reads; `detect` reads it.
    case safetensors
    /// A graph for ONNX Runtime and others.
    case onnx
  }

  private let checkpoint: DetectorCheckpoint
  private let model: DetectorModel

  public init(_ checkpoint: DetectorCheckpoint) throws {
    self.checkpoint = checkpoint
    model = try checkpoint.model()
  }

  /// Writes the file, atomically. Equal checkpoints give equal bytes.
  ///
  /// - Parameter program: the version of the program, for the file's producer.
  /// - Throws: `DetectorError.noExport` for a model whose type gives no graph;
  ///   `TrainingError.wouldReplaceSource`; `RecordError.cannotWrite`.
  public func write(_ format: Format, to url: URL, program: String) throws {
    let (from, to) = (checkpoint.url.resolvingSymlinksInPath(), url.resolvingSymlinksInPath())
    guard from != to else { throw TrainingError.wouldReplaceSource(path: url.path) }
    switch format {
    case .safetensors:
      var record = checkpoint.record
      record.isVisualPath = true
      try DetectorCheckpoint.save(model, record: record, to: url)
    case .onnx:
      try AtomicFile.write(Data(onnx(program: program)), to: url)
    }
  }

  /// The bytes of the .onnx file.
  ///
  /// Input `features` [n, width]; outputs `logits` [n], `scores` [n] as `detect` writes them, and
  /// `class_logits` [n, classes] for a model with them.
  package func onnx(program: String) throws -> [UInt8] {
    let made = try model.exported()
    let length = ONNXExtent.named(DetectorGraph.length)
    made.graph.output(
      made.logits, named: "logits", shape: [length], documentation: "one logit per snippet")
    made.graph.output(
      scores(made), named: "scores", shape: [length],
      documentation: "one anomaly score from 0 to 1 per snippet, as detect writes them")
    if let classLogits = made.classLogits {
      made.graph.output(
        classLogits, named: "class_logits", shape: [length, .fixed(inputs.classes.count)],
        documentation: "one logit per snippet and class; their softmax are the class scores")
    }
    return made.graph.encoded(
      name: checkpoint.record.plan.variant, documentation: documentation(made),
      metadata: try metadata(), producer: program)
  }

  private var inputs: DetectorInputs { checkpoint.record.plan.inputs }

  /// `ScoreCalibration.scores`, where there is a calibration; else the logits' sigmoids.
  private func scores(_ made: DetectorGraph) -> ONNXValue {
    guard let calibration = checkpoint.record.calibration else { return made.logits.sigmoid() }
    var logits = made.logits
    if let prior = made.prior, let share = calibration.learnedShare, share != 1 {
      logits = prior + (logits - prior) * Float(share)
    }
    return (logits * Float(calibration.slope) + Float(calibration.offset)).sigmoid()
  }

  /// What to feed, in words.
  private var features: String {
    let record = checkpoint.record
    return "\(record.visualEncoder), pooling \(record.pooling), crops \(record.crops)"
  }

  private func documentation(_ made: DetectorGraph) -> String {
    let most = inputs.maximumSnippets
    let length =
      made.graph.mostRows == nil
      ? "any number of snippets; detect gives at most \(most) at once and scores longer videos in "
        + "pieces of that many"
      : "at most \(most) snippets; score longer videos in pieces of that many, as detect does"
    return "\(checkpoint.title) \(checkpoint.record.provenance). Input: one video's raw "
      + "features (\(features)), \(length)."
  }

  private func metadata() throws -> [String: String] {
    var metadata = [
      DetectorCheckpoint.recordKey: try DetectorCheckpoint.json(of: checkpoint.record),
      "classes": String(
        decoding: try JSONRecord.encode(inputs.classes, pretty: false), as: UTF8.self),
      "features": features,
      "maximum_snippets": "\(inputs.maximumSnippets)",
    ]
    if let threshold = checkpoint.record.calibration?.threshold {
      metadata["threshold"] = "\(threshold)"
    }
    return metadata
  }
}
