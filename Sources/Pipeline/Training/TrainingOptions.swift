import Detectors
import Foundation
import Records

/// What a training is asked for.
public struct TrainingOptions: Sendable {
  /// The family's name; nil for the registry's first.
  public var model: String?
  /// What to train side by side: each names ablations, or a base preset, joined by `+`; an
  /// empty one is the base that fits the features.
  public var presets: [String]
  /// `key=value` each, for all presets.
  public var sets: [String]
  public var seeds: Int
  public var firstSeed: UInt64
  /// The share of training videos that is held out for validation.
  public var holdOut: Double
  /// How many parts of the training videos are held out in turn, each of a model of its own,
  /// to calibrate a run's scores; 0 for none. Nil for four, where nothing is held out; else
  /// the held-out videos serve.
  public var folds: Int?
  /// Runs at once, at most.
  public var jobs: Int
  public var saveEvery: Duration
  /// Trains again what is finished or interrupted.
  public var isFresh: Bool
  /// Whether listed training videos without a file or features are left out instead of refused.
  public var allowsMissing: Bool

  public init(
    model: String? = nil, presets: [String] = [""], sets: [String] = [], seeds: Int = 1,
    firstSeed: UInt64 = 1, holdOut: Double = 0, folds: Int? = nil,
    jobs: Int = Parallel.cores,
    saveEvery: Duration = .seconds(300), isFresh: Bool = false, allowsMissing: Bool = false
  ) {
    self.model = model
    self.presets = presets
    self.sets = sets
    self.seeds = seeds
    self.firstSeed = firstSeed
    self.holdOut = holdOut
    self.folds = folds
    self.jobs = jobs
    self.saveEvery = saveEvery
    self.isFresh = isFresh
    self.allowsMissing = allowsMissing
  }

  /// The parts that calibrate where nothing else is asked for.
  public static let standardFolds = 4

  var foldCount: Int { folds ?? (holdOut > 0 ? 0 : Self.standardFolds) }

  /// The family that the options name.
  ///
  /// - Throws: `DetectorError.unknownModel`.
  func family(in registry: DetectorRegistry) throws -> DetectorFamily {
    try model.map(registry.family) ?? registry.standardFamily
  }

  /// Every preset with every seed.
  ///
  /// - Throws: `DetectorError` for a preset or setting.
  func plans(
    in registry: DetectorRegistry, inputs: DetectorInputs, hasBuiltInFeatures: Bool
  ) throws -> [DetectorPlan] {
    let family = try family(in: registry)
    return try presets.flatMap { preset in
      let plan = try family.plan(
        preset: preset, hasBuiltInFeatures: hasBuiltInFeatures, sets: sets, inputs: inputs)
      return (0..<UInt64(seeds)).map { offset in
        var plan = plan
        plan.training.seed = firstSeed + offset
        return plan
      }
    }
  }

  /// Checks model, presets and settings before any data is at hand: widths do not matter.
  ///
  /// - Throws: `DetectorError` naming what is wrong.
  public func checkSettings(in registry: DetectorRegistry = .standard) throws {
    _ = try plans(
      in: registry, inputs: DetectorInputs(classes: ["normal"]), hasBuiltInFeatures: false)
  }
}

/// Where a training's features and texts come from.
public struct TrainingSources: Sendable {
  public var visual: VisualFeatureSource
  /// What embedded the descriptions.
  public var descriptions: TextEncoderSource
  /// What embeds the labels; nil for the descriptions' encoder.
  public var labels: TextEncoderSource?
  /// Which text features, where several are of one encoder.
  public var textFeaturesKey: String?

  public init(
    visual: VisualFeatureSource, descriptions: TextEncoderSource,
    labels: TextEncoderSource? = nil, textFeaturesKey: String? = nil
  ) {
    self.visual = visual
    self.descriptions = descriptions
    self.labels = labels
    self.textFeaturesKey = textFeaturesKey
  }
}
