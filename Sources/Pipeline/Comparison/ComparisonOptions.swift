import Detectors
import Records

/// What a comparison of models is asked for.
public struct ComparisonOptions: Sendable {
  /// The families' names; empty for all of the registry.
  public var models: [String]
  /// Presets as `TrainingOptions.presets` has them: one with a family's name and a colon is of
  /// that family, any other one is of every model, `default` the base that fits the features. A
  /// model without one gets `default`.
  public var presets: [String]
  /// How all are trained; its own model and presets do not count.
  public var training: TrainingOptions
  /// The split that is evaluated; nil for all videos.
  public var split: String?

  public init(
    models: [String] = [], presets: [String] = [], training: TrainingOptions = TrainingOptions(),
    split: String? = "test"
  ) {
    self.models = models
    self.presets = presets
    self.training = training
    self.split = split
  }

  /// The training of all models, the first named one first.
  ///
  /// - Throws: `DetectorError` for a model, preset or setting; `PipelineError.conflicting` for a
  ///   preset of a model that is not compared.
  public func plan(in registry: DetectorRegistry = .standard) throws -> TrainingOptions {
    let names =
      models.isEmpty
      ? registry.families.map(\.name) : try models.map { try registry.family($0).name }
    var entries: [String] = []
    for name in names {
      let own = try presets.compactMap { preset -> String? in
        let owner = preset.prefix { $0 != ":" }
        guard owner.count < preset.count else { return preset }
        _ = try registry.family(String(owner))
        guard names.contains(String(owner)) else {
          throw PipelineError.conflicting(
            subject: "--presets \(preset) and --models \(names.joined(separator: ","))",
            remedy: "name \(owner) in --models, or leave its preset out")
        }
        return owner == name ? String(preset.dropFirst(owner.count + 1)) : nil
      }
      entries += (own.isEmpty ? ["default"] : own).map { "\(name):\($0 == "default" ? "" : $0)" }
    }
    var training = training
    training.presets = entries
    training.model = names[0]
    training.leavesOutUnready = true
    try training.checkSettings(in: registry)
    return training
  }
}
