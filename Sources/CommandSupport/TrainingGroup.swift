import Detectors
import Encoders
import Foundation
import Pipeline
import Records
import Tensors
import Training
import Workspaces

/// Trains several seeds and variants on the same data, one a thread.
public struct TrainingGroup: Sendable {
  /// One run to make.
  public struct Plan: Sendable {
    public var variant: TrainingVariant
    public var training: TrainingConfiguration

    public init(variant: TrainingVariant, training: TrainingConfiguration) {
      self.variant = variant
      self.training = training
    }
  }

  /// What became of a plan.
  public enum Result: Sendable {
    case trained(RunRecord)
    case failed(reason: String)
    case stopped

    public var record: RunRecord? {
      if case .trained(let record) = self { return record }
      return nil
    }

    public var isFailure: Bool {
      if case .failed = self { return true }
      return false
    }
  }

  private let workspace: Workspace
  private let data: TrainingData
  private let dataset: String
  private let visualEncoder: EncoderIdentity
  private let visualKey: String
  private let pooling: String
  private let crops: FrameCrops
  private let descriptionEncoder: EncoderIdentity
  private let textFeaturesKey: String?
  private let labels: LabelTextSource
  private let configuration: DBVADConfiguration
  private let name = RunRecord.newGroupName()

  public init(
    workspace: Workspace, data: TrainingData, dataset: String, visualEncoder: EncoderIdentity,
    visualKey: String, pooling: String, crops: FrameCrops, descriptionEncoder: EncoderIdentity,
    textFeaturesKey: String? = nil, labels: LabelTextSource, configuration: DBVADConfiguration
  ) {
    self.workspace = workspace
    self.data = data
    self.dataset = dataset
    self.visualEncoder = visualEncoder
    self.visualKey = visualKey
    self.pooling = pooling
    self.crops = crops
    self.descriptionEncoder = descriptionEncoder
    self.textFeaturesKey = textFeaturesKey
    self.labels = labels
    self.configuration = configuration
  }

  /// Trains the plans; the results are in their order.
  public func train(_ plans: [Plan], jobs: Int, interruption: Interruption) -> [Result] {
    let width = min(jobs, plans.count)
    MatrixThreads.set(VideoWorkers.defaultJobs / max(width, 1))
    let progress = ProgressLine(
      "train", total: plans.reduce(0) { $0 + $1.training.epochs }, itemName: "epochs")
    let results = VideoWorkers.map(
      plans, jobs: width, until: interruption.stop
    ) { plan -> Result in
      do {
        guard
          let record = try run(
            plan, shouldStop: { interruption.isDraining }, onEpoch: { progress.advance() })
        else { return .stopped }
        return .trained(record)
      } catch {
        Console.warning("\(plan.variant.rawValue), seed \(plan.training.seed): \(error)")
        return .failed(reason: "\(error)")
      }
    }
    progress.finish()
    return results.map { $0 ?? .stopped }
  }

  /// One run; nil where it was interrupted (its checkpoint says so).
  private func run(
    _ plan: Plan, shouldStop: () -> Bool, onEpoch: @escaping () -> Void
  ) throws -> RunRecord? {
    let id = "\(name)-\(plan.variant.rawValue)-s\(plan.training.seed)"
    var configuration = configuration
    plan.variant.apply(to: &configuration)
    var generator = SeededGenerator(seed: plan.training.seed, purpose: "model")
    let model = try DBVAD<Float>(
      configuration: configuration, labels: labels.embeddings(generator: &generator),
      generator: &generator)
    let trainer = try DetectorTrainer(
      model: model, configuration: plan.training, samples: data.samples)
    let usesText = plan.variant == .dbvad
    let folder = workspace.runFolder(id)
    let start = ContinuousClock.now
    let outcome = try trainer.train(
      destination: DetectorTrainer.Destination(
        checkpoint: RunRecord.checkpoint(of: id, in: workspace),
        metrics: folder.appendingPathComponent("metrics.jsonl"),
        record: CheckpointRecord(
          configuration: configuration, training: plan.training,
          visualEncoder: ProvenanceLabel(visualEncoder),
          descriptionEncoder: usesText ? ProvenanceLabel(descriptionEncoder) : nil,
          labelEncoder: usesText ? ProvenanceLabel(labels.encoder.identity) : nil,
          pooling: pooling, crops: crops.rawValue, dataset: dataset)),
      shouldStop: shouldStop, onEpoch: { _ in onEpoch() })
    guard !outcome.wasStopped else { return nil }
    var losses: [String: Double] = [:]
    if let last = outcome.epochs.last {
      losses["total"] = last.loss
      losses["binary"] = last.binaryLoss
      losses["description"] = last.descriptionLoss
    }
    let record = RunRecord(
      id: id, group: name, variant: plan.variant.rawValue, seed: plan.training.seed,
      dataset: dataset, visualEncoder: visualEncoder, visualKey: visualKey,
      descriptionEncoder: usesText ? descriptionEncoder : nil,
      textFeaturesKey: usesText ? textFeaturesKey : nil,
      describers: usesText ? data.describers : [:], labelEncoder: labels.encoder.identity,
      labelFeaturesKey: labels.featuresKey, trainVideos: data.videoCount,
      epochs: plan.training.epochs,
      seconds: (ContinuousClock.now - start) / .seconds(1), finalLosses: losses)
    try JSONRecord.write(record, to: RunRecord.file(of: id, in: workspace))
    return record
  }
}
