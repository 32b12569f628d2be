import Detectors
import Foundation
import NeuralNetworks
import Records
import Tensors

/// One training step on tensors of files, so that it can be held against other code.
///
/// A batch file holds `features` [B, T, D], `lengths` [B], `labels` [B, C] (more than 0 where a
/// video has the class, class 0 normal), `class_embeddings` [C, L] and, for models that read
/// them, `descriptions` [B, E].
public struct SingleStep {
  /// What the files and options make.
  public let model: DetectorModel
  public let plan: DetectorPlan
  private let batch: DetectorBatch<Float>
  private let batchURL: URL

  /// Reads the batch and makes the model.
  ///
  /// - Parameters:
  ///   - weights: every parameter and buffer by its name; nil for fresh ones by the seed. A checkpoint of
  ///     train-dbm serves too, its label embeddings where the batch has none.
  ///   - sets: `key=value` each; `maximumSnippets` is the batch's T where it is not among them.
  /// - Throws: `TensorError`, `TrainingError`, `DetectorError` naming file and tensor.
  public init(
    family: DetectorFamily, preset: String, sets: [String], batch url: URL, weights: URL?,
    seed: UInt64, registry: DetectorRegistry = .standard
  ) throws {
    let file = try SafetensorsFile(url: url)
    let stored = try weights.map { try SafetensorsFile(url: $0) }
    func shape(_ name: String, _ expected: String, rank: Int) throws -> [Int] {
      guard let shape = file.shape(of: name) else {
        throw TrainingError.badBatch(path: url.path, name: name, found: "none", expected: expected)
      }
      guard shape.count == rank, !shape.contains(0) else {
        throw TrainingError.badBatch(
          path: url.path, name: name, found: "shape \(shape)", expected: expected)
      }
      return shape
    }
    let extents = try shape("features", "[videos, snippets, width]", rank: 3)
    let classes = try shape("labels", "[videos, classes]", rank: 2)[1]
    let labels = try Self.labels(file, stored, classes: classes)
    let described = file.shape(of: "descriptions")
    let inputs = DetectorInputs(
      visualWidth: extents[2], textWidth: described?.last ?? 512,
      labelTextWidth: labels.shape[1], classes: (0..<classes).map { "class \($0)" })
    let hasLength = sets.contains { $0.hasPrefix("maximumSnippets=") }
    plan = try family.plan(
      preset: preset, hasBuiltInFeatures: false,
      sets: hasLength ? sets : sets + ["maximumSnippets=\(extents[1])"], inputs: inputs)
    var generator = SeededGenerator(seed: seed, purpose: "model")
    model = try DetectorModel(
      family, configuration: plan.configuration, inputs: plan.inputs, labels: .fixed(labels),
      generator: &generator)
    try model.prepare(for: plan.training)
    batchURL = url
    batch = try Self.batch(file, extents, classes: classes, usesDescriptions: plan.usesDescriptions)
    if let stored {
      try model.load(
        DetectorCheckpoint.tensors(
          of: stored, expected: model.namedShapes.map { ($0.name, $0.shape) },
          allowed: [DetectorCheckpoint.labelsKey]))
    }
  }

  private static func labels(_ file: SafetensorsFile, _ weights: SafetensorsFile?, classes: Int)
    throws -> Tensor<Float>
  {
    let labels: Tensor<Float>
    if file.shape(of: "class_embeddings") == nil, let weights,
      weights.shape(of: DetectorCheckpoint.labelsKey) != nil
    {
      labels = try weights.tensor(DetectorCheckpoint.labelsKey)
    } else {
      labels = try file.tensor("class_embeddings")
    }
    guard labels.rank == 2, labels.shape[0] == classes else {
      throw TrainingError.badBatch(
        path: file.url.path, name: "class_embeddings", found: "shape \(labels.shape)",
        expected: "[\(classes), width], a row for each column of 'labels'")
    }
    return labels
  }

  private static func batch(
    _ file: SafetensorsFile, _ extents: [Int], classes: Int, usesDescriptions: Bool
  ) throws -> DetectorBatch<Float> {
    let (count, steps) = (extents[0], extents[1])
    func check(_ holds: Bool, _ name: String, _ found: String, _ expected: String) throws {
      guard holds else {
        throw TrainingError.badBatch(
          path: file.url.path, name: name, found: found, expected: expected)
      }
    }
    let isWhole = file.elementType(of: "lengths").map { !$0.isFloatingPoint } ?? true
    let lengths =
      isWhole
      ? try file.integers("lengths")
      : try file.tensor("lengths").scalars.map { $0.isFinite ? Int($0) : 0 }
    try check(
      lengths.count == count && lengths.allSatisfy { 1...steps ~= $0 }, "lengths",
      "\(lengths.prefix(8))", "\(count) lengths from 1 to \(steps)")
    let marks = try file.tensor("labels")
    try check(
      marks.shape == [count, classes], "labels", "shape \(marks.shape)", "[\(count), \(classes)]")
    let own = (0..<count).map { row in
      (0..<classes).filter { marks.scalars[row * classes + $0] > 0 }
    }
    if let row = own.firstIndex(where: \.isEmpty) {
      try check(false, "labels", "no class in row \(row)", "at least one")
    }
    let features = try file.tensor("features")
    if let index = features.scalars.firstIndex(where: { !$0.isFinite }) {
      try check(false, "features", "a non-finite number at index \(index)", "finite ones")
    }
    var descriptions: Tensor<Float>?
    if usesDescriptions {
      let found = try file.tensor("descriptions")
      try check(
        found.rank == 2 && found.shape[0] == count, "descriptions", "shape \(found.shape)",
        "[\(count), width]")
      descriptions = found
    }
    return DetectorBatch(
      features: SnippetSequence.cleared(features, lengths: lengths), lengths: lengths,
      targets: Tensor(shape: [count], scalars: own.map { $0.contains(0) ? 0 : 1 }),
      classIndices: own, describedRows: descriptions == nil ? [] : Array(0..<count),
      descriptions: descriptions)
  }

  // MARK: - What it gives

  /// `logits` [B, T], `class_logits` [B, T, C] for a model with them, `loss.<term>`,
  /// `loss.total`, `gradient.<parameter>` of every parameter that gets one, and
  /// `buffer.<name>` as the step would leave it. Logits are those of scoring, with the buffers as
  /// they were.
  public func run() throws -> [(name: String, tensor: Tensor<Float>)] {
    var results: [(name: String, tensor: Tensor<Float>)] = []
    var logits: [Tensor<Float>] = []
    var classLogits: [Tensor<Float>] = []
    for row in batch.lengths.indices {
      // A video by itself: the graph of a whole batch would take gigabytes.
      let output = model.network(
        Variable(batch.features[rows: row..<row + 1]), lengths: [batch.lengths[row]])
      logits.append(output.logits.value)
      if let classes = output.classLogits { classLogits.append(classes.value) }
    }
    results.append(("logits", .concatenated(logits)))
    if !classLogits.isEmpty { results.append(("class_logits", .concatenated(classLogits))) }
    model.clearGradients()
    let terms = model.losses(batch)
    for term in terms { results.append(("loss." + term.name, term.value.value)) }
    if let total = terms.total() {
      results.append(("loss.total", total.value))
      total.backward()
    }
    for (name, variable) in model.namedParameters {
      if let gradient = variable.gradient { results.append(("gradient." + name, gradient)) }
    }
    for (name, buffer) in model.namedBuffers {
      results.append(("buffer." + name, buffer.staged ?? buffer.value))
    }
    model.discardStagedBuffers()
    model.clearGradients()
    return results
  }

  /// The total losses of steps by AdamW with the plan's rate and decay, all of one epoch.
  ///
  /// - Parameter order: the rows of the batch file that make each step's batch.
  /// - Throws: `TrainingError.badBatch` for a row that is not there.
  public func curve(order: [[Int]]) throws -> [Double] {
    let count = batch.lengths.count
    guard order.allSatisfy({ !$0.isEmpty && $0.allSatisfy { (0..<count).contains($0) } }) else {
      throw TrainingError.badBatch(
        path: batchURL.path, name: "order", found: "a row that is not in the batch",
        expected: "rows from 0 to \(count - 1)")
    }
    var optimizer = AdamW(
      model.namedParameters.map(\.variable), learningRate: plan.training.learningRate,
      weightDecay: plan.training.weightDecay)
    return order.enumerated().map { number, rows in
      let features = Tensor.concatenated(rows.map { batch.features[rows: $0..<$0 + 1] })
      var step = DetectorBatch<Float>(
        features: features, lengths: rows.map { batch.lengths[$0] },
        targets: Tensor(shape: [rows.count], scalars: rows.map { batch.targets.scalars[$0] }),
        classIndices: rows.map { batch.classIndices[$0] },
        describedRows: batch.descriptions == nil ? [] : Array(rows.indices),
        descriptions: batch.descriptions.map { all in
          .concatenated(rows.map { all[rows: $0..<$0 + 1] })
        })
      step.stepInEpoch = number
      let total = model.losses(step).total()
      total?.backward()
      optimizer.step()
      model.commitBuffers()
      return Double(total?.item ?? .nan)
    }
  }
}
