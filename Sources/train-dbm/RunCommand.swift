import ArgumentParser
import CommandSupport
import Datasets
import DescriptionFeatures
import Encoders
import Foundation
import Pipeline
import Records
import Tensors
import Workspaces

struct RunCommand: PipelineCommand {
  static let configuration = CommandConfiguration(
    commandName: "run",
    abstract: "Trains on the training split; extracts snippet features that are missing.",
    discussion: """
      Only video-level labels and descriptions of training videos are used. Each seed and \
      variant is a run of its own in runs/<id>/: config.json, metrics.jsonl, \
      checkpoint.safetensors. The weights of the last epoch are kept: nothing is chosen on \
      test data.

      \(CommandExit.help)
      """)

  @OptionGroup var dataset: DatasetOptions
  @OptionGroup var workspace: WorkspaceOptions
  @OptionGroup var visual: VisualOptions
  @OptionGroup var text: TrainTextOptions
  @OptionGroup var model: ModelOptions
  @OptionGroup var jobs: JobOptions

  @Option(help: ArgumentHelp("How many seeds.", valueName: "n"))
  var seeds: Int = 1

  @Option(help: ArgumentHelp("The first seed.", valueName: "n"))
  var seed: UInt64 = 1

  @Option(
    help: ArgumentHelp(
      "What to train, separated by commas: \(TrainingVariant.allCases.map(\.rawValue).joined(separator: ", ")).",
      valueName: "list"))
  var variants: String = TrainingVariant.dbvad.rawValue

  func validate() throws {
    guard seeds >= 1 else { throw ValidationError("--seeds must be at least 1, found \(seeds)") }
    _ = try parsedVariants()
  }

  private func parsedVariants() throws -> [TrainingVariant] {
    try variants.split(separator: ",").map { name in
      guard let variant = TrainingVariant(rawValue: String(name)) else {
        throw ValidationError(
          "--variants: '\(name)' is none of "
            + TrainingVariant.allCases.map(\.rawValue).joined(separator: ", "))
      }
      return variant
    }
  }

  func execute() async throws {
    let (dataset, workspace) = try workspace.open(dataset)
    let ledger = try workspace.openLedger()
    let interruption = Interruption()
    interruption.listen()
    let variants = try parsedVariants()
    let start = ContinuousClock.now

    let textEncoder = try text.encoder(visual: visual.clip)
    let labelEncoder = try text.labelEncoder(descriptions: textEncoder, visual: visual.clip)
    let textFeatures =
      variants.contains(.dbvad)
      ? try text.cache(of: textEncoder, workspace: workspace, ledger: ledger) : nil
    let descriptions = try textFeatures?.vectors()
    let labels = try LabelTextSource(
      encoder: labelEncoder, classes: dataset.descriptor.classes,
      contextLength: model.promptTokens,
      cache: text.labelCache(
        of: labelEncoder, descriptions: textFeatures, workspace: workspace, ledger: ledger))
    if let key = labels.featuresKey {
      Console.note(
        "class prompts: \(labels.storedPrompts) from \(key), "
          + "\(labels.promptCount - labels.storedPrompts) encoded now")
    }
    let trainVideos = dataset.videos(split: "train")
    jobs.shareCores(among: trainVideos.count)
    let stage = VisualFeatureStage(
      store: try visual.source().store(
        root: workspace.visualFeaturesRoot, reusing: textEncoder, reporter: .console()),
      jobs: jobs.jobs)
    let outcomes = stage.run(
      trainVideos.map { ($0.id, $0.path) }, reporter: .console(), stop: interruption.stop)
    try stage.log(
      outcomes, seconds: (ContinuousClock.now - start) / .seconds(1), to: workspace)
    if interruption.isDraining { throw CommandExit.interrupted }
    let data = try TrainingData(
      dataset: dataset, stage: stage, outcomes: outcomes, maximumSnippets: model.maxSnippets,
      descriptions: descriptions, ledger: ledger)

    let identity = stage.identity
    let isBuiltIn = identity.kind == "builtin"
    let configuration = model.model(
      visualWidth: identity.dimension, textWidth: textEncoder.identity.dimension,
      labelWidth: labelEncoder.identity.dimension,
      classes: dataset.descriptor.classes.map(\.name), isBuiltIn: isBuiltIn)
    let group = TrainingGroup(
      workspace: workspace, data: data, dataset: dataset.descriptor.name, visualEncoder: identity,
      visualKey: stage.store.key, pooling: stage.store.provenance.pooling,
      crops: stage.store.provenance.crops,
      descriptionEncoder: textEncoder.identity, textFeaturesKey: textFeatures?.key,
      labels: labels, configuration: configuration)
    let plans = variants.flatMap { variant in
      (0..<UInt64(seeds)).map { offset in
        TrainingGroup.Plan(
          variant: variant, training: model.training(seed: seed + offset, isBuiltIn: isBuiltIn))
      }
    }
    let trainingStart = ContinuousClock.now
    let results = group.train(plans, jobs: jobs.jobs, interruption: interruption)
    try show(results)
    let finished = results.compactMap(\.record)
    try StageLog.write(
      StageRecord(
        stage: "train", isBuiltIn: false, used: "DBVAD, \(data.videoCount) videos",
        items: finished.count, itemName: "runs", failed: results.count(where: \.isFailure),
        seconds: (ContinuousClock.now - trainingStart) / .seconds(1)), to: workspace)
    if interruption.isDraining { throw CommandExit.interrupted }
    if results.contains(where: \.isFailure) || data.failedCount > 0 {
      throw CommandExit.someItemsFailed
    }
  }

  private func show(_ results: [TrainingGroup.Result]) throws {
    var table = TextTable(["run", "videos", "epochs", "loss", "binary", "description", "seconds"])
    for record in results.compactMap(\.record) {
      func loss(_ name: String) -> String {
        record.finalLosses[name].map { String(format: "%.4f", $0) } ?? "-"
      }
      table.add([
        record.id, "\(record.trainVideos)", "\(record.epochs)", loss("total"), loss("binary"),
        loss("description"), String(format: "%.1f", record.seconds),
      ])
    }
    for line in table.lines { Console.result(line) }
  }
}
