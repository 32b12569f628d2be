import Datasets
import Detectors
import Encoders
import Evaluation
import Foundation
import Records
import Tensors

/// Which steps of a reproduction differ from the published protocol: only what files, settings
/// and records tell.
struct ReproductionChecks {
  let descriptor: DatasetDescriptor
  let registry: DetectorRegistry
  let dataset: Dataset
  let store: SnippetFeatureStore

  /// What an import lacks, a line each: files, crops, videos.
  static func gaps(of report: FeatureImportReport) -> [String] {
    var lines: [String] = []
    if let first = report.failures.first {
      lines.append(
        "\(report.failures.count) listed files or videos cannot be used (first: \(first))")
    }
    if let first = report.missingCrops.min(by: { $0.key < $1.key }) {
      lines.append(
        "\(report.missingCrops.count) training videos lack crops (first: \(first.key), crops "
          + "\(first.value.map(String.init).joined(separator: ", ")))")
    }
    return lines
  }

  /// The steps that differ, in the order of the protocol.
  ///
  /// - Throws: `EncoderError` or `TensorError` for features that cannot be read, `DetectorError`.
  func differences(
    plan: DetectorPlan, record: RunRecord, selection: ReproductionProtocol,
    measure: ReproducedMeasure
  ) throws -> [Reproduction.Difference] {
    try features() + annotation() + texts(plan: plan, record: record) + settings(plan)
      + weights(selection, measure: measure)
  }

  // MARK: - Features

  private func features() throws -> [Reproduction.Difference] {
    var found: [Reproduction.Difference] = []
    func add(_ step: String, _ published: String, _ here: String) {
      found.append(.init(step: step, published: published, here: here))
    }
    let width = store.provenance.encoder.dimension
    if width != 512 {
      add("features", "CLIP ViT-B/16, width 512", "width \(width)")
    }
    if descriptor.layout == .ucf, store.provenance.elementType != .float16 {
      add("features", "half precision on disk", store.provenance.elementType.rawValue)
    }
    let length = try rowLength()
    if abs(length.mean - 1) < 0.02, length.spread < 0.02 {
      add(
        "features", "as CLIP's image encoder gives them, not scaled to length 1",
        String(format: "rows of length %.3f: scaled to length 1", length.mean))
    } else if length.mean < 0.1 || length.mean > 100 {
      add(
        "features", "rows of a length near CLIP's, about 10",
        String(format: "rows of length %.3g", length.mean))
    }
    return found
  }

  /// The mean length of rows of up to 100 videos spread over the data set, and its deviation.
  private func rowLength() throws -> (mean: Double, spread: Double) {
    var lengths: [Double] = []
    let count = min(100, dataset.videos.count)
    for place in 0..<count {
      let video = dataset.videos[place * dataset.videos.count / count]
      guard let record = try store.record(id: video.id) else { continue }
      let rows = try store.rows(of: record, id: video.id)
      for row in 0..<min(8, rows.shape[0]) {
        let squares = rows[row: row].scalars.reduce(0.0) { $0 + Double($1) * Double($1) }
        lengths.append(squares.squareRoot())
      }
    }
    guard !lengths.isEmpty else { return (0, 0) }
    let mean = lengths.reduce(0, +) / Double(lengths.count)
    let variance =
      lengths.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(lengths.count)
    return (mean, variance.squareRoot())
  }

  // MARK: - Annotation and texts

  private func annotation() throws -> [Reproduction.Difference] {
    var found: [Reproduction.Difference] = []
    func check(_ what: String, _ here: Int, _ published: Int?) {
      guard let published, published != here else { return }
      found.append(.init(step: what, published: "\(published)", here: "\(here)"))
    }
    let expected = descriptor.expected
    let annotated = dataset.annotations.values.filter { !$0.events.isEmpty }
    check("annotated test videos", annotated.count, expected?.annotatedVideos)
    check("annotated events", annotated.reduce(0) { $0 + $1.events.count }, expected?.events)
    let frames = try dataset.videos(split: "test").reduce(0) { sum, video in
      sum + (try store.record(id: video.id)?.frameCount ?? 0)
    }
    check(
      "frames of the test set", frames,
      expected?.splits.first { $0.name == "test" }?.snippetFrames)
    return found
  }

  private func texts(plan: DetectorPlan, record: RunRecord) -> [Reproduction.Difference] {
    var found: [Reproduction.Difference] = []
    if record.labelEncoder.kind != "clip" {
      found.append(
        .init(
          step: "class texts", published: "learnable prompts through CLIP's text encoder",
          here: "fixed vectors of \(record.labelEncoder)"))
    } else if record.labelEncoder.dimension != 512 {
      found.append(
        .init(
          step: "class texts", published: "CLIP ViT-B/16, width 512",
          here: "\(record.labelEncoder), width \(record.labelEncoder.dimension)"))
    }
    if plan.usesDescriptions {
      let writers = record.describers.sorted { $0.key < $1.key }
        .map { "\($0.value) of \($0.key)" }.joined(separator: ", ")
      found.append(
        .init(
          step: "descriptions",
          published: "of every training video by a frozen Qwen2.5-VL; the "
            + "texts are not released", here: writers.isEmpty ? "none" : writers))
    }
    return found
  }

  // MARK: - Training

  /// Settings that are not the preset's.
  private func settings(_ plan: DetectorPlan) throws -> [Reproduction.Difference] {
    let published = try registry.family(plan.model).plan(
      preset: plan.presets.joined(separator: "+"), hasBuiltInFeatures: false, inputs: plan.inputs)
    // How it is computed, and what other lines say.
    let silent: Set<String> = ["seed", "engine", "selection"]
    func pairs(_ plan: DetectorPlan) throws -> [String: JSONValue] {
      var all: [String: JSONValue] = [:]
      for part in [plan.configuration, try JSONValue(encoding: plan.training)] {
        guard case .object(let members) = part else { continue }
        for (key, value) in members where !silent.contains(key) { all[key] = value }
      }
      all["maximumSnippets"] = .integer(plan.inputs.maximumSnippets)
      all["topKDivisor"] = .integer(plan.inputs.topKDivisor)
      all["roundsHalfMeans"] = .bool(plan.inputs.roundsHalfMeans)
      all["standardizesFeatures"] = .bool(plan.inputs.standardizesFeatures)
      return all
    }
    let (own, theirs) = (try pairs(plan), try pairs(published))
    func text(_ value: JSONValue?) throws -> String {
      guard let value else { return "none" }
      return String(decoding: try JSONRecord.encode(value, pretty: false), as: UTF8.self)
    }
    return try Set(own.keys).union(theirs.keys).sorted().compactMap { key in
      guard own[key] != theirs[key] else { return nil }
      return .init(
        step: "setting \(key)", published: try text(theirs[key]), here: try text(own[key]))
    }
  }

  private func weights(_ selection: ReproductionProtocol, measure: ReproducedMeasure)
    -> [Reproduction.Difference]
  {
    guard selection == .fixed else { return [] }
    return [
      .init(
        step: "weights",
        published: "the best on the test set by \(measure.rawValue), measured "
          + (descriptor.layout == .xd ? "at each epoch's end" : "every 10 steps"),
        here: "those of the last epoch (--protocol legacy chooses as the authors do)")
    ]
  }

  /// What holds for every reproduction.
  func notes(_ runs: [EvaluationSummary.Run]) -> [String] {
    var notes = [
      "Expected is what trainings with the authors' code gave, widened by "
        + "\(PublishedFigure.seedMargin) points for seeds; they chose on the test set.",
      "Weights and batches come of other random numbers than the authors' (seed 234 of PyTorch), "
        + "so figures agree within the spread of seeds.",
    ]
    if descriptor.layout == .ucf {
      let areas = runs.compactMap(\.areaUnderROC)
      if !areas.isEmpty {
        let mean = 100 * areas.reduce(0, +) / Double(areas.count)
        notes.append(
          "Frames of the figures are annotated as VadCLIP reads a pair, [s, e). By the official "
            + "evaluator's [s - 1, e) AUC1 is \(String(format: "%.2f", mean)).")
      }
    }
    return notes
  }
}
