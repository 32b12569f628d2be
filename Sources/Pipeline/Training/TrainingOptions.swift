import Detectors
import Foundation
import Records
import Training

/// What a training is asked for.
public struct TrainingOptions: Sendable {
  /// The family's name; nil for the registry's first.
  public var model: String?
  /// What to train side by side: each names ablations, or a base preset, joined by `+`; an
  /// empty one is the base that fits the features. With a family's name and a colon before it,
  /// it is one of that family: `vadclip:no-alignment`.
  public var presets: [String]
  /// `key=value` each, for all presets; `model:key=value` for those of one family.
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
  /// Whether a plan that the workspace has not all for, such as descriptions, fails alone: its
  /// reason is in the summary, and the others go on.
  public var leavesOutUnready = false
  /// What chooses weights on the test set; nil for all trainings but reproductions.
  public var testSelection: TestSelection?

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

  /// Every preset with every seed; a preset that is named twice counts once.
  ///
  /// - Throws: `DetectorError` for a model, preset or setting; `PipelineError.conflicting` for two
  ///   presets of one name in the workspace.
  func plans(
    in registry: DetectorRegistry, inputs: DetectorInputs, hasBuiltInFeatures: Bool
  ) throws -> [DetectorPlan] {
    var plans: [DetectorPlan] = []
    for preset in presets {
      let (family, name) =
        try Self.parted(preset, in: registry) ?? (self.family(in: registry), preset)
      let plan = try family.plan(
        preset: name, hasBuiltInFeatures: hasBuiltInFeatures,
        sets: try sets(of: family, in: registry), inputs: inputs)
      guard !plans.contains(plan) else { continue }
      // Runs are named by their variants.
      if let other = plans.first(where: { $0.variant == plan.variant }) {
        throw PipelineError.conflicting(
          subject: "\(family.name): the presets \(other.presets.joined(separator: "+")) and "
            + plan.presets.joined(separator: "+"),
          remedy: "train them one after the other: their runs would have one name")
      }
      plans.append(plan)
    }
    return plans.flatMap { plan in
      (0..<UInt64(seeds)).map { offset in
        var plan = plan
        plan.training.seed = firstSeed + offset
        return plan
      }
    }
  }

  /// The families of the presets, in the order of their first use.
  ///
  /// - Throws: `DetectorError.unknownModel`.
  func families(in registry: DetectorRegistry) throws -> [DetectorFamily] {
    var families: [DetectorFamily] = []
    for preset in presets {
      let family = try Self.parted(preset, in: registry)?.family ?? self.family(in: registry)
      if !families.contains(where: { $0.name == family.name }) { families.append(family) }
    }
    return families
  }

  /// The family that the options name.
  private func family(in registry: DetectorRegistry) throws -> DetectorFamily {
    try model.map(registry.family) ?? registry.standardFamily
  }

  /// A preset or setting with a family's name and a colon before it; nil for one without.
  private static func parted(_ text: String, in registry: DetectorRegistry) throws
    -> (family: DetectorFamily, rest: String)?
  {
    let name = text.prefix { $0 != ":" && $0 != "=" }
    guard text.dropFirst(name.count).first == ":" else { return nil }
    return (try registry.family(String(name)), String(text.dropFirst(name.count + 1)))
  }

  private func sets(of family: DetectorFamily, in registry: DetectorRegistry) throws -> [String] {
    try sets.compactMap { text in
      guard let (owner, rest) = try Self.parted(text, in: registry) else { return text }
      return owner.name == family.name ? rest : nil
    }
  }

  /// Checks models, presets and settings before any data is at hand: widths do not matter.
  ///
  /// - Throws: `DetectorError` naming what is wrong; `PipelineError.conflicting`;
  ///   `TrainingError.noTestSelection`.
  public func checkSettings(in registry: DetectorRegistry = .standard) throws {
    let plans = try plans(
      in: registry, inputs: DetectorInputs(classes: ["normal"]), hasBuiltInFeatures: false)
    guard testSelection != nil || plans.allSatisfy({ $0.training.selection != .bestTest }) else {
      throw TrainingError.noTestSelection
    }
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
