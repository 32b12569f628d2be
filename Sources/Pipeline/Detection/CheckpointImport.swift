import Detectors
import Encoders
import Foundation
import NeuralNetworks
import Records
import Tensors
import Training

/// Makes a checkpoint of ours of one that a model's authors released: VadCLIP's and
/// ClipFusionVAD's state dictionaries, read without running anything in them.
public struct CheckpointImport: Sendable {
  /// What is imported, and for which features.
  public struct Options: Sendable {
    /// The family; nil to tell by the tensors' names.
    public var model: String?
    /// Base preset and ablations; nil for the base whose layers the file has.
    public var preset: String?
    /// `key=value` each.
    public var sets: [String]
    /// CLIP on this machine: the text tower where the file has none, and with `pooling` the
    /// encoder of the features.
    public var clip: CLIPWeights?
    /// Features that `clip` extracts with this pooling are scored; nil for the released ones.
    public var pooling: CLIPSnippetEncoder.Pooling?

    public init(
      model: String? = nil, preset: String? = nil, sets: [String] = [], clip: CLIPWeights? = nil,
      pooling: CLIPSnippetEncoder.Pooling? = nil
    ) {
      self.model = model
      self.preset = preset
      self.sets = sets
      self.clip = clip
      self.pooling = pooling
    }
  }

  /// What came of it.
  public struct Result: Sendable {
    public var record: CheckpointRecord
    /// The family's title.
    public var title: String
    /// How many numbers the model has.
    public var parameters: Int
    /// How many tensors of CLIP the file has beside the model's.
    public var clipTensors: Int
    /// Whether the file's own text tower made the class texts.
    public var usesOwnTower: Bool
  }

  /// The prefix of CLIP's tensors in the released files.
  private static let clipPrefix = "clipmodel."

  private let file: ReleasedTensors
  private let options: Options
  private let registry: DetectorRegistry

  /// Opens the file: names, shapes and types are checked, nothing is executed.
  ///
  /// - Throws: `TensorError` for a file that is no checkpoint.
  public init(_ url: URL, options: Options = Options(), registry: DetectorRegistry = .standard)
    throws
  {
    file = ReleasedTensors(try TensorFiles.open(url))
    self.options = options
    self.registry = registry
  }

  /// Writes the checkpoint, atomically.
  ///
  /// - Throws: `PipelineError` naming what is missing, surplus or of another shape;
  ///   `DetectorError`, `EncoderError`, `TensorError`, `RecordError`.
  public func run(to out: URL, reporter: StageReporter = .silent) throws -> Result {
    guard file.url.resolvingSymlinksInPath() != out.resolvingSymlinksInPath() else {
      throw TrainingError.wouldReplaceSource(path: out.path)
    }
    let family = try family()
    let clip = try options.clip.map { try $0.model(reporter: reporter) }
    let own = try StoredTextTower(in: file, prefix: Self.clipPrefix)
    let (plan, labels) = try plan(
      family, labelWidth: own?.dimension ?? clip?.configuration.dimension)
    var generator = SeededGenerator(seed: 0)
    let model = try DetectorModel(
      family, configuration: plan.configuration, inputs: plan.inputs,
      labels: .learnable(
        try prompts(plan, labels, own: own, clip: clip, generator: &generator)),
      generator: &generator)
    try model.load(tensors(of: model))
    var record = CheckpointRecord(
      plan: plan, visualEncoder: features(plan, labels, clip),
      labelEncoder: own.map {
        EncoderIdentity(
          kind: "clip", model: "in \(file.url.lastPathComponent)", dimension: $0.dimension)
      } ?? clip?.identity,
      pooling: options.pooling?.rawValue ?? ReleasedFeatures.pooling,
      crops: FrameCrops.vadclip10.rawValue, dataset: labels.dataset)
    record.isComplete = true
    record.origin = CheckpointOrigin(
      file: file.url.lastPathComponent, contentHash: try ContentHash.ofFile(at: file.url))
    try DetectorCheckpoint.save(model, record: record, to: out)
    return Result(
      record: record, title: family.title, parameters: model.parameterCount,
      clipTensors: file.names.count { $0.hasPrefix(Self.clipPrefix) }, usesOwnTower: own != nil)
  }

  // MARK: - What the file is of

  /// The family that is named, or whose own tensors the file has.
  private func family() throws -> DetectorFamily {
    if let name = options.model { return try registry.family(name) }
    return try registry.family(
      ReleasedTensors.marks.first { file.hasName(beginning: $0.1) }?.0
        ?? "vadclip")
  }

  /// The plan of the preset that is named, or of the one with as many layers as the file.
  private func plan(_ family: DetectorFamily, labelWidth: Int?) throws -> (
    DetectorPlan, ReleasedLabels
  ) {
    let layers = file.count(of: "temporal.resblocks.")
    var found: [String] = []
    for labels in ReleasedLabels.all {
      let base = options.preset?.split(separator: "+").first.map(String.init) ?? labels.preset
      guard base == labels.preset else { continue }
      let plan = try plan(
        family, preset: options.preset ?? base, labels, labelWidth: labelWidth ?? 512)
      let wanted = plan.configuration["transformerLayers"]?.settingText ?? ""
      if options.preset != nil || wanted == "\(layers)" { return (plan, labels) }
      found.append("\(base): \(wanted)")
    }
    throw PipelineError.notReady(
      subject: file.url.path,
      finding: options.preset.map { "preset '\($0)' is none of released checkpoints" }
        ?? "\(layers) layers under 'temporal.resblocks.', \(family.title) has \(found.joined(separator: ", "))",
      remedy: "name the data set it was trained on with --preset ucf or --preset xd")
  }

  private func plan(
    _ family: DetectorFamily, preset: String, _ labels: ReleasedLabels, labelWidth: Int
  ) throws -> DetectorPlan {
    var inputs = DetectorInputs(
      labelTextWidth: labelWidth, classes: labels.labels.map(\.name))
    let first = try family.plan(
      preset: preset, hasBuiltInFeatures: false, sets: options.sets, inputs: inputs)
    // The released models have no projection: features are as wide as the model.
    if case .integer(let width)? = first.configuration["modelWidth"] { inputs.visualWidth = width }
    return try family.plan(
      preset: preset, hasBuiltInFeatures: false, sets: options.sets, inputs: inputs)
  }

  /// The encoder of the features that the checkpoint scores.
  private func features(_ plan: DetectorPlan, _ labels: ReleasedLabels, _ clip: CLIPModel?)
    -> EncoderIdentity
  {
    guard options.pooling != nil, let clip else {
      let width = plan.inputs.visualWidth
      return ReleasedFeatures.encoder(
        dataset: labels.dataset, width: width, isVadCLIP: width == ReleasedFeatures.vadclipWidth)
    }
    return clip.identity
  }

  // MARK: - Tensors

  /// The learned prompts through the frozen text tower of the file, or of `--clip-model`.
  private func prompts(
    _ plan: DetectorPlan, _ labels: ReleasedLabels, own: StoredTextTower?, clip: CLIPModel?,
    generator: inout SeededGenerator
  ) throws -> LabelPromptEncoder<Float> {
    guard plan.promptContextLength > 0, let layout = plan.promptLayout else {
      throw PipelineError.notReady(
        subject: file.url.path, finding: "'\(plan.model)' is to be imported without prompts",
        remedy: "leave promptContextLength as the preset has it")
    }
    let weights: [String: Tensor<Float>]
    let configuration: CLIPTextTowerConfiguration
    if let own {
      weights = own.weights
      configuration = CLIPTextTowerConfiguration(
        heads: own.heads, startToken: ReleasedLabels.start, endToken: ReleasedLabels.end)
    } else if let clip {
      let tower = clip.configuration.text
      weights = try clip.textTowerWeights()
      configuration = CLIPTextTowerConfiguration(
        heads: tower.headCount, activation: tower.activation.rawValue,
        layerNormEpsilon: Double(tower.normalizationEpsilon), startToken: ReleasedLabels.start,
        endToken: ReleasedLabels.end)
    } else {
      throw PipelineError.notReady(
        subject: file.url.path,
        finding: "no '\(Self.clipPrefix)token_embedding.weight': the text tower, which reads the "
          + "classes' prompts, is not in the file",
        remedy: "name the CLIP it was trained with, --clip-model openai/clip-vit-base-patch16")
    }
    return try LabelPromptEncoder(
      tensors: weights, configuration: configuration, classTokens: labels.labels.map(\.tokens),
      contextLength: plan.promptContextLength, layout: layout, generator: &generator)
  }

  /// The model's parameters from the file, every difference named at once.
  private func tensors(of model: DetectorModel) throws -> [String: Tensor<Float>] {
    let expected = model.namedShapes.map { ($0.name, $0.shape) }
    var differences = expected.compactMap { name, shape -> String? in
      let stored = ReleasedTensors.isTransposed(name) ? shape.reversed() : shape
      guard let found = file.shape(of: name) else {
        return "'\(name)' is missing, expected \(stored)"
      }
      return found == stored ? nil : "'\(name)' \(found), expected \(stored)"
    }
    let known = Set(expected.map(\.0))
    differences += file.names.filter { !$0.hasPrefix(Self.clipPrefix) && !known.contains($0) }
      .map { "'\($0)' \(file.shape(of: $0) ?? []), which the model does not have" }
    guard differences.isEmpty else {
      throw PipelineError.notReady(
        subject: file.url.path,
        finding: "not a \(model.name) of these settings: "
          + differences.prefix(6).joined(separator: "; ")
          + (differences.count > 6 ? "; and \(differences.count - 6) more" : ""),
        remedy: "check --model, --preset and --set")
    }
    return try expected.reduce(into: [:]) { tensors, item in
      let (name, _) = item
      let tensor = try file.numbers(name)
      try TrainingError.checkFinite(tensor, named: name, path: file.url.path)
      tensors[name] =
        ReleasedTensors.isTransposed(name) ? Variable(tensor).transposed().value : tensor
    }
  }
}

/// The tensors of a released file under the names that its model gives them.
struct ReleasedTensors: TensorFile {
  /// Names that only one family has, beside those of VadCLIP.
  static let marks = [(family: "clipfusion", beginning: "gam.")]
  /// What wrappers of training put before every name.
  private static let wrappers = ["module.", "_orig_mod.", "model."]

  private let file: any TensorFile
  private let prefix: String
  let names: [String]

  init(_ file: any TensorFile) {
    var prefix = ""
    while let wrapper = Self.wrappers.first(where: { wrapper in
      file.names.allSatisfy { $0.hasPrefix(prefix + wrapper) }
    }), !file.names.isEmpty {
      prefix += wrapper
    }
    self.file = file
    self.prefix = prefix
    names = file.names.map { String($0.dropFirst(prefix.count)) }
  }

  var url: URL { file.url }
  func shape(of name: String) -> [Int]? { file.shape(of: prefix + name) }
  func elementType(of name: String) -> StoredElementType? { file.elementType(of: prefix + name) }
  func tensor(_ name: String) throws -> Tensor<Float> { try file.tensor(prefix + name) }
  func integers(_ name: String) throws -> [Int] { try file.integers(prefix + name) }

  func hasName(beginning start: String) -> Bool { names.contains { $0.hasPrefix(start) } }

  /// How many numbers follow a beginning: `temporal.resblocks.` 0, 1, ...
  func count(of beginning: String) -> Int {
    Set(
      names.filter { $0.hasPrefix(beginning) }.compactMap {
        $0.dropFirst(beginning.count).split(separator: ".").first
      }
    ).count
  }

  /// Whether the file has [in, out] where our checkpoints have [out, in]: the graph layers.
  static func isTransposed(_ name: String) -> Bool {
    ["gc1", "gc2", "gc3", "gc4"].contains { name == $0 + ".weight" }
  }
}
