import Datasets
import DescriptionFeatures
import Detectors
import Encoders
import Foundation
import Records
import Tensors
import Training
import Workspaces

/// Trains detectors on a workspace's features, labels and descriptions.
public struct TrainingStage: Sendable {
  private let dataset: Dataset
  private let workspace: Workspace
  private let ledger: Ledger
  private let sources: TrainingSources
  private let options: TrainingOptions
  private let registry: DetectorRegistry

  public init(
    dataset: Dataset, workspace: Workspace, ledger: Ledger, sources: TrainingSources,
    options: TrainingOptions, registry: DetectorRegistry = .standard
  ) {
    self.dataset = dataset
    self.workspace = workspace
    self.ledger = ledger
    var sources = sources
    sources.visual.views = dataset.views
    self.sources = sources
    self.options = options
    self.registry = registry
  }

  /// Extracts features that are missing, then trains what is not finished.
  ///
  /// - Throws: `DetectorError` for settings, before anything is computed; `PipelineError`,
  ///   `TrainingError`, `DescriptionFeatureError` for what is missing, listed training videos
  ///   among them unless they may be left out.
  public func run(reporter: StageReporter = .silent, stop: StopSignal = StopSignal()) throws
    -> TrainingSummary
  {
    let start = ContinuousClock.now
    let families = try options.families(in: registry)
    let videos = try TrainingData.labelledVideos(of: dataset)
    try options.checkSettings(in: registry)
    try absent(videos).check(
      allowed: options.allowsMissing, root: dataset.root.path, reporter: .silent)
    if let summary = try upToDate() { return summary }

    let textEncoder = try sources.descriptions.encoder(reporter: reporter)
    let labelEncoder = try sources.labels?.encoder(reporter: reporter) ?? textEncoder
    let stage = VisualFeatureStage(
      store: try sources.visual.store(
        root: workspace.visualFeaturesRoot, reusing: textEncoder, reporter: reporter),
      jobs: options.jobs, contentHash: ledger.contentHash(of:))
    let isBuiltIn = stage.identity.kind == "builtin"
    var inputs = DetectorInputs(
      visualWidth: stage.identity.dimension, textWidth: textEncoder.identity.dimension,
      labelTextWidth: labelEncoder.identity.dimension,
      classes: dataset.descriptor.classes.map(\.name))
    inputs.normalClass = dataset.descriptor.classes.firstIndex(where: \.normal)
    if isBuiltIn { inputs.priorColumns = BuiltInSnippetEncoder.scoreColumns }
    let plans = try options.plans(
      in: registry, inputs: inputs, hasBuiltInFeatures: isBuiltIn)
    let descriptions = try descriptions(for: plans, of: videos, by: textEncoder)
    let usable = plans.filter { descriptions.reason == nil || !$0.usesDescriptions }
    let unready = plans.filter { descriptions.reason != nil && $0.usesDescriptions }.map {
      TrainingSummary.Run(
        id: "\($0.variant), seed \($0.training.seed)", state: .failed, plan: $0,
        reason: descriptions.reason)
    }
    let labels = try labelSources(
      plans, encoder: labelEncoder, descriptions: descriptions.cache, reporter: reporter)

    MatrixThreads.set(Parallel.threadsPerItem(jobs: options.jobs, items: videos.count))
    let outcomes = stage.run(
      videos.map { ($0.id, $0.path) }, reporter: reporter, stop: stop)
    try stage.log(
      outcomes, seconds: (ContinuousClock.now - start) / .seconds(1), to: workspace)
    guard !stop.isRequested else { return stopped() }
    let missing = absent(videos, outcomes: outcomes)
    try missing.check(
      allowed: options.allowsMissing, root: dataset.root.path, reporter: reporter)
    let readings = usable.map(Self.reading)
    let all = TrainingData.Reading(
      maximumSnippets: readings.map(\.maximumSnippets).max() ?? inputs.maximumSnippets,
      descriptions: descriptions.vectors != nil)
    let data = try TrainingData(
      dataset: dataset, stage: stage, outcomes: outcomes,
      readings: Set(readings + [all]), descriptions: descriptions.vectors,
      ledger: ledger, reporter: reporter, stop: stop)
    guard !stop.isRequested else { return stopped() }
    var summary = try train(
      usable, leftOut: unready.map(\.id), data: data, all: all, absent: missing.names, stage: stage,
      labels: labels, outcomes: outcomes, textEncoder: textEncoder,
      textFeaturesKey: descriptions.cache?.key, labelEncoder: labelEncoder, families: families,
      reporter: reporter, stop: stop)
    let runs = summary.runs + unready
    summary.runs = plans.compactMap { plan in runs.first { $0.plan == plan } }
    return summary
  }

  private static func reading(_ plan: DetectorPlan) -> TrainingData.Reading {
    .init(
      maximumSnippets: plan.inputs.maximumSnippets, descriptions: plan.usesDescriptions)
  }

  /// The descriptions' vectors where a plan reads them, or why there are none, where plans that
  /// are not ready are left out.
  private func descriptions(
    for plans: [DetectorPlan], of videos: [DatasetVideo], by encoder: any TextEncoder
  ) throws -> (cache: TextFeatureCache?, vectors: [String: [Float]]?, reason: String?) {
    guard plans.contains(where: \.usesDescriptions) else { return (nil, nil, nil) }
    do {
      let cache = try TextFeatureCache.find(
        key: sources.textFeaturesKey, of: encoder, workspace: workspace, ledger: ledger)
      let vectors = try cache.vectors()
      guard videos.contains(where: { vectors[$0.id] != nil }) else {
        throw TrainingData.undescribed
      }
      return (cache, vectors, nil)
    } catch let error as any ReportableError where options.leavesOutUnready {
      return (nil, nil, "it needs descriptions: \(error.description)")
    }
  }

  private func stopped() -> TrainingSummary {
    TrainingSummary(runs: [], absentVideos: [], isUpToDate: false)
  }

  private func absent(
    _ videos: [DatasetVideo], outcomes: [String: VisualFeatureStage.Outcome] = [:]
  ) -> AbsentVideos {
    AbsentVideos(
      of: dataset, split: "train", inWords: "training", videos: videos, outcomes: outcomes)
  }

  private func labelSources(
    _ plans: [DetectorPlan], encoder: any TextEncoder, descriptions: TextFeatureCache?,
    reporter: StageReporter
  ) throws -> [Int: LabelTextSource] {
    // The descriptions' own features where they are of the labels' encoder, else the
    // newest of that encoder with class prompts.
    let cache: TextFeatureCache?
    if let descriptions, descriptions.recipe.isOf(encoder) {
      cache = descriptions
    } else {
      cache = try TextFeatureCache.all(workspace: workspace, ledger: ledger).last {
        try $0.recipe.isOf(encoder)
          && $0.statistics().texts[TextLevel.classPrompt.rawValue, default: 0] > 0
      }
    }
    var labels: [Int: LabelTextSource] = [:]
    for length in Set(plans.map(\.promptContextLength)).sorted() {
      let source = try LabelTextSource(
        encoder: encoder, classes: dataset.descriptor.classes, contextLength: length, cache: cache)
      labels[length] = source
      if let key = source.featuresKey, labels.count == 1 {
        reporter.note(
          "class prompts: \(source.storedPrompts) from \(key), "
            + "\(source.promptCount - source.storedPrompts) encoded now")
      }
    }
    return labels
  }

  private func train(
    _ plans: [DetectorPlan], leftOut: [String], data: TrainingData,
    all: TrainingData.Reading, absent: [String], stage: VisualFeatureStage,
    labels: [Int: LabelTextSource], outcomes: [String: VisualFeatureStage.Outcome],
    textEncoder: any TextEncoder, textFeaturesKey: String?, labelEncoder: any TextEncoder,
    families: [DetectorFamily], reporter: StageReporter, stop: StopSignal
  ) throws -> TrainingSummary {
    let start = ContinuousClock.now
    let split = ValidationSplit.carve(data.samples, fraction: options.holdOut, seed: 0)
    let heldOut = Set(split.validation.map(\.videoID)).count
    let record = RunRecord(
      id: "", group: "", model: "", variant: "", seed: 0, created: "",
      dataset: dataset.descriptor.name, visualEncoder: stage.identity, visualKey: stage.store.key,
      textFeaturesKey: textFeaturesKey, describers: data.describers,
      labelEncoder: labelEncoder.identity, trainVideos: data.videoCount - heldOut,
      heldOutVideos: heldOut, absentVideos: absent.isEmpty ? nil : absent, epochs: 0, steps: 0,
      seconds: 0, finalLosses: [:], fingerprint: "")
    let runs = try TrainingRuns.match(
      plans.map { plan in
        func name(_ reading: TrainingData.Reading, seedless: Bool = false) throws -> String {
          var plan = plan
          if seedless { plan.training.seed = 0 }
          return try fingerprint(
            plan, data: data.digests[reading] ?? "", stage: stage,
            labels: labels[plan.promptContextLength]?.digest)
        }
        let own = Self.reading(plan)
        // Earlier versions named every run by what all plans together read.
        return .init(
          plan: plan, fingerprint: try name(own), earlierFingerprint: try name(all),
          calibrationKey: try name(own, seedless: true))
      }, in: workspace, isFresh: options.isFresh, reporter: reporter)
    let newest = NewestTraining(
      runs: runs.map(\.id), request: try request(leftOut: leftOut),
      filesDigest: try filesDigest(
        visualKey: stage.store.key, textKey: textFeaturesKey))
    // Held-out videos are scored as detect scores: whole, by the crop of test videos.
    let features: @Sendable (String) throws -> Tensor<Float> = { id in
      guard let record = outcomes[id]?.record else { return try stage.store.rows(id: id) }
      return try stage.store.rows(of: record, id: id)
    }
    let trainer = TrainingRuns(
      context: .init(
        workspace: workspace, registry: registry, samples: split.training,
        validation: split.validation, labels: labels, record: record,
        pooling: stage.store.provenance.pooling, crops: stage.store.provenance.crops,
        descriptionEncoder: textEncoder.identity, saveEvery: options.saveEvery,
        leavesOutUnready: options.leavesOutUnready, testSelection: options.testSelection,
        folds: folds(of: split.training, reporter: reporter), isFresh: options.isFresh,
        features: features),
      reporter: reporter, stop: stop)
    let results = try trainer.train(runs, jobs: options.jobs)
    // Only what finishes becomes the newest training; an interrupted one is asked for again.
    if !stop.isRequested, !runs.isEmpty { try newest.write(to: workspace) }
    let trained = zip(runs, results).map { run, result in
      let plan = run.plan
      return switch result {
      case .trained(let record, let step):
        TrainingSummary.Run(
          id: run.id, state: step == nil ? .trained : .resumed, record: record, plan: plan)
      case .kept(let record):
        TrainingSummary.Run(id: run.id, state: .kept, record: record, plan: plan)
      case .failed(let reason, let hasDiverged):
        TrainingSummary.Run(
          id: run.id, state: .failed, plan: plan, reason: reason, hasDiverged: hasDiverged)
      case .stopped: TrainingSummary.Run(id: run.id, state: .stopped, plan: plan)
      }
    }
    let title = families.map(\.title).joined(separator: ", ")
    var summary = TrainingSummary(
      runs: trained, absentVideos: absent, isUpToDate: false)
    summary.page = try TrainingPage.write(
      trained, registry: registry, title: "Training \(title) on \(dataset.descriptor.title)",
      dataset: dataset.descriptor.name, to: workspace)
    let finished = summary.runs.compactMap(\.record)
    let kept = summary.runs.count { $0.state == .kept }
    try StageLog.write(
      StageRecord(
        stage: "train", isBuiltIn: false, used: "\(title), \(data.videoCount) videos",
        items: finished.count, itemName: "runs", kept: kept,
        failed: summary.runs.count { $0.state == .failed },
        seconds: (ContinuousClock.now - start) / .seconds(1)), to: workspace)
    return summary
  }

  /// The parts that calibrate; none where there are too few normal videos for a threshold.
  private func folds(of samples: [TrainingSample], reporter: StageReporter) -> [[TrainingSample]] {
    guard options.foldCount > 0 else { return [] }
    let normal = Set(samples.filter { !$0.isAnomalous }.map(\.videoID)).count
    let fewest = ScoreCalibration.fewestNormalVideos()
    guard normal >= fewest else {
      reporter.note(
        "no calibration: \(normal) normal training videos, \(fewest) are the fewest; detect "
          + "takes \(AlarmThreshold.uncalibrated) as threshold")
      return []
    }
    let folds = CalibrationFolds.deal(samples, parts: options.foldCount, seed: 0)
    if folds.isEmpty {
      reporter.note("no calibration: the scenes of the training videos cannot be held out in turn")
    }
    return folds
  }

  /// Names everything that decides a run's weights, but the number of threads.
  private func fingerprint(
    _ plan: DetectorPlan, data: String, stage: VisualFeatureStage, labels: String?
  ) throws -> String {
    struct Inputs: Encodable {
      var plan: JSONValue
      /// A seed that JSON values would round; absent for others.
      var largeSeed: UInt64?
      var data: String
      var labels: String?
      var visual: EncoderIdentity
      var pooling: String
      var crops: String
      var dataset: String
      var holdOut: Double
      /// Absent without folds, as in earlier versions.
      var folds: Int?
      /// Absent where the test set chooses nothing.
      var testSelection: String?
    }
    return ContentHash.of(
      try JSONRecord.encode(
        Inputs(
          plan: try plan.fingerprintJSON(),
          largeSeed: plan.training.seed > Int.max ? plan.training.seed : nil, data: data,
          labels: labels,
          visual: stage.identity,
          pooling: stage.store.provenance.pooling,
          crops: stage.store.provenance.crops.rawValue, dataset: dataset.descriptor.name,
          holdOut: options.holdOut, folds: options.foldCount > 0 ? options.foldCount : nil,
          testSelection: options.testSelection?.digest),
        pretty: false))
  }
}

// MARK: - Nothing to do

extension TrainingStage {
  /// The runs of the last training where it was asked for the same, all of them are
  /// finished, and no file that it read has changed: found without reading features.
  private func upToDate() throws -> TrainingSummary? {
    guard !options.isFresh, let newest = NewestTraining.read(from: workspace),
      newest.request == (try request()), dataset.missingVideos(split: "train").isEmpty
    else { return nil }
    let records = try RunRecord.all(in: workspace)
    let found = newest.runs.compactMap { id in records.first { $0.id == id } }
    guard let first = found.first, found.count == newest.runs.count,
      found.allSatisfy({
        FileManager.default.fileExists(
          atPath: RunRecord.checkpoint(of: $0.id, in: workspace).path)
      }),
      newest.filesDigest
        == (try filesDigest(
          visualKey: first.visualKey, textKey: found.compactMap(\.textFeaturesKey).first))
    else { return nil }
    return TrainingSummary(
      runs: found.map { .init(id: $0.id, state: .kept, record: $0) }, absentVideos: [],
      isUpToDate: true)
  }

  /// The request without what cannot change a weight.
  ///
  /// - Parameter leftOut: plans that were not ready, which are to be tried again.
  private func request(leftOut: [String] = []) throws -> JSONValue {
    var request: [String: JSONValue] = [
      "model": .string(options.model ?? registry.standardFamily.name),
      "presets": .array(options.presets.map(JSONValue.string)),
      "sets": .array(options.sets.map(JSONValue.string)),
      "seeds": .integer(options.seeds), "firstSeed": .string("\(options.firstSeed)"),
      "holdOut": .string("\(options.holdOut)"), "folds": .integer(options.foldCount),
      "sources": .string("\(sources)"),
      "automaticWeights": .string(ModelLocator.firstAvailableCLIP()?.path ?? "none"),
      "program": .string(SoftwareVersions.kess),
    ]
    if let selection = options.testSelection {
      request["testSelection"] = .string(selection.digest)
    }
    if !leftOut.isEmpty { request["leftOut"] = .array(leftOut.map(JSONValue.string)) }
    return .object(request)
  }

  /// The sizes and times of the files behind a training, and the texts of its descriptions.
  private func filesDigest(visualKey: String, textKey: String?) throws -> String {
    var hash = ContentHash()
    func add(_ path: String) { hash.update(FileState.text(of: path)) }
    let features = workspace.visualFeaturesRoot.appendingPathComponent(visualKey).path
    for video in dataset.videos(split: "train") {
      hash.update("\(video.id) \(video.classNames ?? []) \(video.sceneID ?? "")")
      add(video.path)
      add("\(features)/\(video.id).json")
    }
    for label in dataset.descriptor.classes { hash.update("\(label)") }
    if let textKey {
      let folder = workspace.textFeaturesFolder(key: textKey).path
      for name in ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).sorted() {
        add("\(folder)/\(name)")
      }
      for description in try ledger.descriptions(split: "train") {
        hash.update("\(description.videoID) \(description.describer) \(description.text)")
      }
    }
    return hash.finalize()
  }
}
