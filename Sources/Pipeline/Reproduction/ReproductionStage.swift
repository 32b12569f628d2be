import Datasets
import Detectors
import Encoders
import Evaluation
import Foundation
import Records
import Tensors
import Training
import Workspaces

/// What is to be reproduced, and from what.
public struct ReproductionOptions: Sendable {
  /// The folder with the released features, at any depth.
  public var features: URL
  /// The folder with the official lists and the temporal annotation.
  public var lists: URL
  /// The family's name; nil for VadCLIP.
  public var model: String?
  /// Ablations, joined by `+`; empty for none.
  public var ablations: String
  public var selection: ReproductionProtocol
  /// Whether features and lists that differ from the published ones are taken.
  public var allowsPartial: Bool
  /// Seeds, jobs, settings; model, presets, held-out videos and folds do not count.
  public var training: TrainingOptions

  public init(
    features: URL, lists: URL, model: String? = nil, ablations: String = "",
    selection: ReproductionProtocol = .fixed, allowsPartial: Bool = false,
    training: TrainingOptions = TrainingOptions()
  ) {
    self.features = features
    self.lists = lists
    self.model = model
    self.ablations = ablations
    self.selection = selection
    self.allowsPartial = allowsPartial
    self.training = training
  }
}

/// Carries out a paper's protocol on released features: import, check, training, evaluation, the
/// figures beside the published ones. Steps that are finished are skipped.
public struct ReproductionStage: Sendable {
  private let descriptor: DatasetDescriptor
  private let workspace: Workspace
  /// What embeds labels and descriptions.
  private let descriptions: TextEncoderSource
  private let labels: TextEncoderSource?
  private let options: ReproductionOptions
  private let registry: DetectorRegistry

  /// - Parameter descriptor: UCF-Crime's or XD-Violence's.
  public init(
    descriptor: DatasetDescriptor, workspace: Workspace, descriptions: TextEncoderSource,
    labels: TextEncoderSource? = nil, options: ReproductionOptions,
    registry: DetectorRegistry = .standard
  ) {
    self.descriptor = descriptor
    self.workspace = workspace
    self.descriptions = descriptions
    self.labels = labels
    self.options = options
    self.registry = registry
  }

  /// The base preset with the published numbers: that of the data set's name, else the first.
  ///
  /// - Throws: `DetectorError` for a model or preset.
  public func presetName() throws -> String {
    let family = try family()
    let name = descriptor.layout == .xd ? "xd" : "ucf"
    let bases = family.presets.filter(\.isBase).map(\.name)
    let base = bases.contains(name) ? name : bases.first { $0 != "builtin" } ?? ""
    return ([base] + options.ablations.split(separator: "+").map(String.init))
      .filter { !$0.isEmpty && $0 != "default" }.joined(separator: "+")
  }

  private func family() throws -> DetectorFamily { try registry.family(options.model ?? "vadclip") }

  /// The figure by which the authors' code keeps weights.
  private var selectionMeasure: ReproducedMeasure { descriptor.layout == .xd ? .ap2 : .auc1 }

  /// Runs the steps.
  ///
  /// - Returns: nil where it was stopped.
  /// - Throws: `PipelineError.notReady` for lists or features that differ from the published
  ///   ones, unless that is allowed; what the steps throw.
  public func run(
    resources: ResourceFolders, reporter: StageReporter = .silent, stop: StopSignal = StopSignal()
  ) throws -> Reproduction? {
    var training = options.training
    training.model = try family().name
    training.presets = [try presetName()]
    training.folds = 0
    training.holdOut = 0
    if options.selection == .legacy { training.sets.append("selection=bestTest") }
    // Wrong settings are refused before files are read.
    let plans = try training.plans(
      in: registry, inputs: DetectorInputs(classes: descriptor.classes.map(\.name)),
      hasBuiltInFeatures: false)

    let lists = try ReleasedLists(in: options.lists, descriptor: descriptor)
    var differences = try lists.differences(descriptor: descriptor)
    try refuse(differences, of: options.lists)
    guard let report = try imported(lists, reporter: reporter, stop: stop) else { return nil }
    let gaps = ReproductionChecks.gaps(of: report)
    try refuse(gaps, of: options.features)
    differences += gaps
    guard let dataset = try ImportedDataset.open(in: workspace, resources: resources) else {
      preconditionFailure("the import left no data set")
    }
    let store = try SnippetFeatureStore(folder: URL(fileURLWithPath: report.folder))
    let visual = VisualFeatureSource(encoder: .builtIn, stored: .key(store.key))
    if options.selection == .legacy {
      let tests = try ReleasedTestSet(dataset: dataset, store: store)
      let measure = try measure(of: plans[0], store: store)
      training.testSelection = TestSelection(
        measure: "\(measure.rawValue)", everySteps: descriptor.layout == .xd ? nil : 10,
        digest: "\(measure.rawValue) \(tests.digest)",
        score: { try tests.score(measure, of: $0) })
    }
    let summary = try TrainingStage(
      dataset: dataset, workspace: workspace, ledger: workspace.openLedger(),
      sources: TrainingSources(visual: visual, descriptions: descriptions, labels: labels),
      options: training, registry: registry
    ).run(reporter: reporter, stop: stop)
    guard !stop.isRequested else { return nil }

    let failures = summary.runs.compactMap { run in
      run.reason.map { "seed \(run.plan?.training.seed ?? 0): \($0)" }
    }
    guard summary.runs.contains(where: { $0.record != nil }) else {
      throw PipelineError.notReady(
        subject: workspace.root.path, finding: failures.joined(separator: "; "),
        remedy: "no run is finished: see the reasons")
    }
    var detection = DatasetDetectionOptions(
      split: "test", evaluates: true, visual: visual, jobs: training.jobs)
    detection.reusesScores = !training.isFresh
    guard
      let detected = try DatasetDetection(
        dataset: dataset, workspace: workspace, options: detection, registry: registry
      ).run(reporter: reporter, stop: stop)?.summary
    else { return nil }
    let result = try result(
      records: summary.runs.compactMap(\.record), detected: detected, listed: differences,
      failures: failures,
      checks: ReproductionChecks(
        descriptor: descriptor, registry: registry, dataset: dataset, store: store))
    try JSONRecord.write(result, to: Reproduction.file(in: workspace))
    return result
  }

  /// The measure of the authors' code, by the binary scores for a model without class scores.
  private func measure(of plan: DetectorPlan, store: SnippetFeatureStore) throws
    -> ReproducedMeasure
  {
    guard selectionMeasure == .ap2 else { return selectionMeasure }
    var generator = SeededGenerator(seed: 0)
    var inputs = plan.inputs
    inputs.visualWidth = store.provenance.encoder.dimension
    let model = try DetectorModel(
      registry.family(plan.model), configuration: plan.configuration, inputs: inputs,
      labels: .fixed(.init(shape: [inputs.classes.count, inputs.labelTextWidth])),
      generator: &generator)
    let scores = try model.scores(.init(shape: [1, inputs.visualWidth]))
    return scores.classes == nil ? .ap1 : .ap2
  }

  private func refuse(_ differences: [String], of folder: URL) throws {
    guard !options.allowsPartial, let first = differences.first else { return }
    throw PipelineError.notReady(
      subject: folder.path,
      finding: first + (differences.count > 1 ? " (and \(differences.count - 1) more)" : ""),
      remedy: "fetch what is missing, or take what is there with --allow-partial: the figures are "
        + "then not comparable")
  }

  // MARK: - Import

  /// What the last import was of: `reproduce-import.json`.
  private struct Import: Codable {
    var digest: String
    var report: FeatureImportReport
  }

  /// Imports the features, or finds that nothing has changed since; nil where it was stopped.
  private func imported(_ lists: ReleasedLists, reporter: StageReporter, stop: StopSignal) throws
    -> FeatureImportReport?
  {
    let file = workspace.root.appendingPathComponent("reproduce-import.json")
    let digest = try digest(of: lists)
    if let kept = try? JSONRecord.read(Import.self, from: file), kept.digest == digest,
      FileManager.default.fileExists(
        atPath: workspace.root.appendingPathComponent("imported.json").path)
    {
      reporter.note("import: finished before (\(kept.report.files) files)")
      return kept.report
    }
    do {
      let report = try FeatureImport(
        features: options.features, lists: [lists.train, lists.test], descriptor: descriptor,
        annotation: lists.annotation, classAnnotation: lists.classAnnotation
      ).run(into: workspace, reporter: reporter, stop: stop)
      for line in report.lines { reporter.note("import: \(line)") }
      try JSONRecord.write(Import(digest: digest, report: report), to: file)
      return report
    } catch is CancellationError {
      return nil
    }
  }

  /// Lists and annotation by their content, features by size and time.
  private func digest(of lists: ReleasedLists) throws -> String {
    var hash = ContentHash()
    hash.update(SoftwareVersions.kess)
    for url in [lists.train, lists.test, lists.annotation, lists.classAnnotation].compactMap({ $0 })
    {
      hash.update(try ContentHash.ofFile(at: url))
    }
    let files = FileManager.default.enumerator(
      at: options.features, includingPropertiesForKeys: nil, options: .skipsHiddenFiles)
    var paths: [String] = []
    while let file = files?.nextObject() as? URL {
      if file.pathExtension == "npy" { paths.append(file.path) }
    }
    for path in paths.sorted() { hash.update(FileState.text(of: path)) }
    return hash.finalize()
  }

  // MARK: - Result

  private func result(
    records: [RunRecord], detected: EvaluationSummary, listed: [String], failures: [String],
    checks: ReproductionChecks
  ) throws -> Reproduction {
    let plans = try records.map {
      try DetectorCheckpoint(
        url: RunRecord.checkpoint(of: $0.id, in: workspace), registry: registry
      ).record.plan
    }
    let runs = records.compactMap { record in detected.runs.first { $0.id == record.id } }
    let frames = try runs.map {
      try ReleasedTestSet.figures(
        of: ScoreFolder(reading: workspace.scoresFolder.appendingPathComponent($0.id)),
        descriptor: descriptor)
    }
    let ablations = options.ablations.split(separator: "+").map(String.init)
    let published = PublishedFigure.of(
      model: plans[0].model, ablations: ablations, dataset: descriptor.name)
    let figures = ReproducedMeasure.allCases.compactMap { measure -> Reproduction.Figure? in
      let values =
        measure == .map
        ? runs.compactMap { $0.segments?.legacy.population.average }
        : frames.compactMap { $0[measure].map { $0 * 100 } }
      guard values.count == runs.count, !values.isEmpty else { return nil }
      let known = published.first { $0.measure == measure }
      return .init(
        measure: measure, values: values, published: known, expected: known?.expected)
    }
    return Reproduction(
      dataset: descriptor.name, model: plans[0].model, presets: plans[0].presets,
      selection: options.selection, testSelections: records.compactMap(\.testSelection),
      runs: records.map(\.id), seeds: records.map(\.seed), figures: figures,
      officialAreas: runs.compactMap { $0.areaUnderROC.map { $0 * 100 } },
      differences: listed.map {
        .init(
          step: "lists and features", published: "the official lists, and every file of them",
          here: $0)
      }
        + (try checks.differences(
          plan: plans[0], record: records[0], selection: options.selection,
          measure: selectionMeasure)),
      failures: failures, notes: checks.notes(runs))
  }
}
