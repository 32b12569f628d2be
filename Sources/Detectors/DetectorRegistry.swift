import NeuralNetworks
import Records
import Tensors

/// The detectors that can be trained and run: one line a model.
public struct DetectorRegistry: Sendable {
  public static let standard = DetectorRegistry([
    DetectorFamily(DBVAD<Float>.self),
    DetectorFamily(VadCLIP<Float>.self),
    DetectorFamily(MGTE<Float>.self),
    DetectorFamily(ClipFusionVAD<Float>.self),
  ])

  public let families: [DetectorFamily]

  public init(_ families: [DetectorFamily]) {
    self.families = families
  }

  /// The family of that name.
  ///
  /// - Throws: `DetectorError.unknownModel` with the names there are.
  public func family(_ name: String) throws -> DetectorFamily {
    guard let family = families.first(where: { $0.name == name }) else {
      throw DetectorError.unknownModel(name: name, known: families.map(\.name))
    }
    return family
  }

  /// The family that is trained where none is named.
  public var standardFamily: DetectorFamily { families[0] }
}

/// What is to be trained: a family's settings, typed values behind text, whole and checked.
public struct DetectorPlan: Codable, Sendable, Equatable {
  /// The family's name.
  public var model: String
  /// Model and ablations, `dbvad-no-dbm`: what tells runs of one training apart.
  public var variant: String
  /// The presets that were applied, the base first.
  public var presets: [String]
  /// The family's own configuration.
  public var configuration: JSONValue
  public var inputs: DetectorInputs
  public var training: TrainingConfiguration
  /// `DetectorConfiguration.usesDescriptions`.
  public var usesDescriptions: Bool
  /// `DetectorConfiguration.promptContextLength`.
  public var promptContextLength: Int
  /// `DetectorConfiguration.promptLayout`; nil for `shared`, as in plans of earlier versions.
  public var promptLayout: LabelPromptLayout?

  package init(
    model: String, variant: String, presets: [String], configuration: JSONValue,
    inputs: DetectorInputs, training: TrainingConfiguration, usesDescriptions: Bool,
    promptContextLength: Int, promptLayout: LabelPromptLayout? = nil
  ) {
    self.model = model
    self.variant = variant
    self.presets = presets
    self.configuration = configuration
    self.inputs = inputs
    self.training = training
    self.usesDescriptions = usesDescriptions
    self.promptContextLength = promptContextLength
    self.promptLayout = promptLayout
  }
}

/// One family without its types: what the registry lists.
public struct DetectorFamily: Sendable {
  /// A preset by name.
  public struct Preset: Sendable, Equatable {
    public var name: String
    public var summary: String
    public var isBase: Bool
  }

  public let name: String
  public let title: String
  public let reference: String
  public let presets: [Preset]
  private let makePlan:
    @Sendable (_ presets: [String], _ sets: [(key: String, value: String)], DetectorInputs) throws
      -> (plan: DetectorPlan, settings: [DetectorSetting])
  private let makeNetwork:
    @Sendable (
      JSONValue, DetectorInputs, LabelEmbeddings<Float>, inout SeededGenerator
    ) throws -> Network

  /// A network with the answers of its configuration.
  struct Network {
    var model: any AnomalyDetector<Float>
    var padsToMaximum: Bool
    var takesPrior: Bool
  }

  public init<Model: AnomalyDetector<Float>>(_ type: Model.Type) {
    name = Model.name
    title = Model.title
    reference = Model.reference
    presets = Model.presets.map { Preset(name: $0.name, summary: $0.summary, isBase: $0.isBase) }
    makePlan = { try Self.plan(Model.self, presets: $0, sets: $1, inputs: $2) }
    makeNetwork = { json, inputs, labels, generator in
      let configuration = try Self.configuration(Model.self, json)
      try configuration.validate()
      let model = try Model(configuration, inputs: inputs, labels: labels, generator: &generator)
      precondition(
        model.unlistedParts.isEmpty,
        "\(Model.name): in no list of parts, hence untrained: \(model.unlistedParts)")
      return Network(
        model: model, padsToMaximum: configuration.padsToMaximum,
        takesPrior: configuration.takesPrior)
    }
  }

  /// The settings of a run.
  ///
  /// - Parameters:
  ///   - preset: names joined by `+`, ablations or a base with ablations; empty for the
  ///     base that fits the features.
  ///   - hasBuiltInFeatures: whether the snippet features are the built-in ones.
  ///   - sets: `key=value` each, applied after the presets, in their order.
  ///   - inputs: widths and classes of the data.
  /// - Throws: `DetectorError.unknownPreset`, `.unknownSetting`, `.badConfiguration`.
  public func plan(
    preset: String = "", hasBuiltInFeatures: Bool, sets: [String] = [], inputs: DetectorInputs
  ) throws -> DetectorPlan {
    try makePlan(
      presetNames(preset, hasBuiltInFeatures: hasBuiltInFeatures), pairs(sets), inputs
    ).plan
  }

  /// Every setting with its value under a preset.
  public func settings(preset: String = "", hasBuiltInFeatures: Bool = false) throws
    -> [DetectorSetting]
  {
    try makePlan(
      presetNames(preset, hasBuiltInFeatures: hasBuiltInFeatures), [],
      DetectorInputs(classes: ["normal"])
    ).settings
  }

  /// A network of a plan's or checkpoint's configuration.
  func network(
    _ configuration: JSONValue, inputs: DetectorInputs, labels: LabelEmbeddings<Float>,
    generator: inout SeededGenerator
  ) throws -> Network {
    try inputs.validate()
    let needed = [inputs.classes.count, inputs.labelTextWidth]
    guard labels.shape == needed else {
      throw DetectorError.wrongLabelEmbeddings(found: labels.shape, expected: needed)
    }
    return try makeNetwork(configuration, inputs, labels, &generator)
  }

  /// The base preset first, then the ablations in the order given.
  private func presetNames(_ text: String, hasBuiltInFeatures: Bool) throws -> [String] {
    let wanted = text.split(separator: "+").map(String.init)
    let found = try wanted.map { name in
      guard let preset = presets.first(where: { $0.name == name }) else {
        throw DetectorError.unknownPreset(name: name, model: self.name, known: presets.map(\.name))
      }
      return preset
    }
    let bases = found.filter(\.isBase)
    guard bases.count <= 1 else {
      throw DetectorError.badConfiguration(
        key: "preset", found: text, expected: "one base preset, and ablations of it")
    }
    let fitting =
      presets.first { $0.isBase && ($0.name == "builtin") == hasBuiltInFeatures }
      ?? presets.first(where: \.isBase)
    let base = (bases.first ?? fitting).map { [$0.name] } ?? []
    return base + found.filter { !$0.isBase }.map(\.name)
  }

  private func pairs(_ sets: [String]) throws -> [(key: String, value: String)] {
    try sets.map { text in
      let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      guard parts.count == 2 else {
        throw DetectorError.badConfiguration(key: "set", found: text, expected: "key=value")
      }
      return (String(parts[0]), String(parts[1]))
    }
  }
}

extension DetectorFamily {
  private static func configuration<Model: AnomalyDetector>(_ type: Model.Type, _ json: JSONValue)
    throws -> Model.Configuration
  {
    do {
      // A setting that is younger than a checkpoint has its default there.
      var whole = try JSONValue(encoding: Model.Configuration())
      if case .object(let members) = json {
        for (key, value) in members { whole[key] = value }
      }
      return try whole.decoded()
    } catch let error as DecodingError {
      throw DetectorError.badConfiguration(
        key: Model.name, found: JSONRecord.summary(of: error),
        expected: "the configuration of a \(Model.title) model")
    }
  }

  private static func plan<Model: AnomalyDetector>(
    _ type: Model.Type, presets names: [String], sets: [(key: String, value: String)],
    inputs: DetectorInputs
  ) throws -> (plan: DetectorPlan, settings: [DetectorSetting]) {
    var all = DetectorSettings<Model.Configuration>(inputs: inputs)
    for name in names { Model.presets.first { $0.name == name }?.apply(&all) }
    let published = all.training

    var model: SettingGroup<Model.Configuration> {
      SettingGroup(value: all.model, help: Model.Configuration.help)
    }
    var inputGroup: SettingGroup<DetectorInputs> {
      SettingGroup(
        value: all.inputs,
        help: [
          "maximumSnippets": "the most snippets the model sees at once",
          "topKDivisor": "a video is as anomalous as its length/n + 1 greatest snippets",
          "roundsHalfMeans": "round means of half-precision features to half, as NumPy",
          "standardizesFeatures": "shift and scale features by the training set's statistics",
        ], only: ["maximumSnippets", "topKDivisor", "roundsHalfMeans", "standardizesFeatures"])
    }
    var training: SettingGroup<TrainingConfiguration> {
      SettingGroup(
        value: all.training, help: TrainingConfiguration.help,
        only: TrainingConfiguration.help.keys.sorted())
    }
    for (key, text) in sets {
      if model.keys.contains(key) {
        all.model = try model.setting(key, to: text)
      } else if inputGroup.keys.contains(key) {
        all.inputs = try inputGroup.setting(key, to: text)
      } else if training.keys.contains(key) {
        all.training = try training.setting(key, to: text)
      } else {
        throw DetectorError.unknownSetting(
          key: key, model: Model.name,
          near: NearNames.of(key, among: model.keys + inputGroup.keys + training.keys))
      }
    }
    // Fewer or more epochs than the preset's keep its schedule in proportion.
    if all.training.epochs != published.epochs, !sets.contains(where: { $0.key == "milestones" }) {
      all.training.milestones = published.milestones.map {
        $0 * all.training.epochs / published.epochs
      }
    }
    try all.model.validate()
    try all.inputs.validate()
    try all.training.validate()
    let isFittingBase = names.first.map { name in
      Model.presets.first { $0.isBase }?.name == name || name == "builtin"
    }
    let shown = isFittingBase == true ? Array(names.dropFirst()) : names
    return (
      DetectorPlan(
        model: Model.name, variant: ([Model.name] + shown).joined(separator: "-"),
        presets: names, configuration: try JSONValue(encoding: all.model), inputs: all.inputs,
        training: all.training, usesDescriptions: all.model.usesDescriptions,
        promptContextLength: all.model.promptContextLength,
        promptLayout: all.model.promptLayout == .shared ? nil : all.model.promptLayout),
      try model.settings() + inputGroup.settings() + training.settings()
    )
  }
}
