import Detectors
import NeuralNetworks
import Records
import Tensors
import TestSupport
import Testing

/// The explicit passes against the tape, in single and in double precision.
@Suite struct VideoProgramTests {
  private static let inputs: DetectorInputs = {
    var inputs = DetectorInputs(
      visualWidth: 16, textWidth: 12, labelTextWidth: 10, classes: ["normal", "a", "b", "c"])
    inputs.maximumSnippets = 40
    inputs.topKDivisor = 4
    return inputs
  }()

  private static let lengths = [40, 33, 1, 9, 24]

  /// Features around a centre for each video, so that cosines lie on both sides of 0.7.
  private func batch<Scalar: TensorScalar>(_ type: Scalar.Type, prior: Bool = false)
    -> DetectorBatch<Scalar>
  {
    var generator = SeededGenerator(seed: 7)
    let (count, steps, width) = (Self.lengths.count, 40, 16)
    var features = Tensor<Float>(shape: [count, steps, width])
    for (row, length) in Self.lengths.enumerated() {
      let centre = (0..<width).map { _ in Float(generator.nextNormal()) }
      for step in 0..<length {
        for column in 0..<width {
          features.scalars[(row * steps + step) * width + column] =
            centre[column] + 0.6 * Float(generator.nextNormal())
        }
      }
    }
    func random(_ shape: [Int]) -> Tensor<Float> {
      Tensor(
        shape: shape,
        scalars: (0..<shape.reduce(1, *)).map { _ in Float(generator.nextNormal()) })
    }
    let descriptions = random([4, 12])
    let offsets = random([count, steps])
    return DetectorBatch(
      features: features.converted(to: type), lengths: Self.lengths,
      targets: Tensor(shape: [count], scalars: [0, 1, 0, 1, 1]),
      classIndices: [[0], [1], [0], [2, 3], [3]], describedRows: [0, 1, 3, 4],
      descriptions: descriptions.converted(to: type),
      prior: prior ? offsets.converted(to: type) : nil)
  }

  private func labels() -> Tensor<Float> {
    var generator = SeededGenerator(seed: 9)
    return Tensor(shape: [4, 10], scalars: (0..<40).map { _ in Float(generator.nextNormal()) })
  }

  private func dbvad(_ change: (inout DBVADConfiguration) -> Void) -> DBVADConfiguration {
    var configuration = DBVADConfiguration()
    configuration.modelWidth = 16
    change(&configuration)
    return configuration
  }

  private func vadclip(_ change: (inout VadCLIPConfiguration) -> Void) -> VadCLIPConfiguration {
    var configuration = VadCLIPConfiguration()
    configuration.modelWidth = 16
    change(&configuration)
    return configuration
  }

  @Test(
    "every block of DBVAD equals the tape",
    arguments: DBVADConfiguration.TemporalVariant.allCases)
  func dbvadVariants(temporal: DBVADConfiguration.TemporalVariant) throws {
    try compare(dbvad { $0.temporal = temporal })
  }

  @Test("DBVAD's flags: padding that leaks, raw logits, graphs and paths of the small model")
  func dbvadFlags() throws {
    try compare(dbvad { $0.vadclipPaddingLeak = true })
    try compare(
      dbvad {
        $0.vadclipPaddingLeak = true
        $0.legacyRawLogits = true
      })
    try compare(
      dbvad {
        $0.modelWidth = 12
        $0.normalizesGraphs = true
        $0.temporalSkip = true
        $0.graphLayers = 3
        $0.kernelSizes = [5, 1]
        $0.dilations = [3, 1]
      }, prior: true)
    try compare(dbvad { $0.graphLayers = 1 })
    try compare(dbvad { $0.usesDBM = false })
  }

  @Test("every block of VadCLIP equals the tape, with its quirks and without")
  func vadclipVariants() throws {
    try compare(vadclip { _ in })
    try compare(
      vadclip {
        $0.window = 64
        $0.transformerLayers = 1
      })
    try compare(
      vadclip {
        $0.modelWidth = 12
        $0.vadclipPaddingLeak = false
        $0.legacyRawLogits = false
        $0.normalizesGraphs = true
      }, prior: true)
    try compare(vadclip { $0.usesAlignment = false })
    try compare(vadclip { $0.transformerLayers = 0 }, rounds: false)
  }

  private func mgte(_ change: (inout MGTEConfiguration) -> Void) -> MGTEConfiguration {
    var configuration = MGTEConfiguration()
    configuration.modelWidth = 16
    change(&configuration)
    return configuration
  }

  @Test("every module of MGTE equals the tape, as each preset has it")
  func mgteVariants() throws {
    let family = try DetectorRegistry.standard.family("mgte")
    for preset in family.presets {
      let bases = preset.isBase ? [preset.name] : ["ucf+" + preset.name, "builtin+" + preset.name]
      for name in bases {
        let plan = try family.plan(
          preset: name, hasBuiltInFeatures: false, sets: ["modelWidth=12"], inputs: Self.inputs)
        try compare(
          plan.configuration.decoded() as MGTEConfiguration, prior: name.hasPrefix("builtin"))
      }
    }
    // As wide as the features: nothing is projected.
    try compare(mgte { _ in })
    try compare(mgte { $0.usesTemporal = false })
    try compare(
      mgte {
        $0.usesTemporal = false
        $0.usesLabel = false
      })
    try compare(
      mgte {
        $0.descriptionAdapters = true
        $0.vadclipPaddingLeak = true
        $0.legacyRawLogits = true
      })
  }

  private func compare(_ configuration: MGTEConfiguration, prior: Bool = false) throws {
    var generator = SeededGenerator(seed: 3)
    let single = try MGTE<Float>(
      configuration, inputs: Self.inputs, labels: .fixed(labels()), generator: &generator)
    let double = try MGTE<Double>(
      configuration, inputs: Self.inputs, labels: .fixed(labels()), generator: &generator)
    try compare(single, double, prior: prior, "\(configuration)", rounds: false)
  }

  private func clipfusion(_ change: (inout ClipFusionVADConfiguration) -> Void)
    -> ClipFusionVADConfiguration
  {
    var configuration = ClipFusionVADConfiguration()
    configuration.modelWidth = 16
    change(&configuration)
    return configuration
  }

  @Test("the trunk of ClipFusionVAD equals the tape in every preset, with its quirks and without")
  func clipfusionVariants() throws {
    try compare(clipfusion { _ in })
    try compare(
      clipfusion {
        $0.window = 64
        $0.transformerLayers = 3
      })
    try compare(
      clipfusion {
        $0.modelWidth = 12
        $0.transformerLayers = 1
        $0.vadclipPaddingLeak = false
        $0.legacyRawLogits = false
        $0.normalizesGraphs = true
      }, prior: true)
    try compare(clipfusion { $0.batchNormPaddingLeak = true })
    try compare(clipfusion { $0.batchNormEvalAfter = 1 }, stepInEpoch: 1)
    try compare(clipfusion { $0.usesAlignment = false })
  }

  private func compare(
    _ configuration: ClipFusionVADConfiguration, prior: Bool = false, stepInEpoch: Int = 0
  ) throws {
    var generator = SeededGenerator(seed: 3)
    let single = try ClipFusionVAD<Float>(
      configuration, inputs: Self.inputs, labels: .fixed(labels()), generator: &generator)
    let double = try ClipFusionVAD<Double>(
      configuration, inputs: Self.inputs, labels: .fixed(labels()), generator: &generator)
    try double.load(
      Dictionary(uniqueKeysWithValues: single.namedTensors.map { ($0.name, $0.tensor) }))
    var wanted = batch(Double.self, prior: prior)
    var data = batch(Float.self, prior: prior)
    (wanted.stepInEpoch, data.stepInEpoch) = (stepInEpoch, stepInEpoch)
    let exact = double.losses(wanted)
    exact.total()?.backward()
    for library in ProductLibrary.singlePrecision {
      let program = try #require(single.trunkProgram(library: library))
      for round in 0..<2 {
        single.clearGradients()
        let run = program.run(data.features, lengths: data.lengths, prior: nil)
        #expect(run.features.shape == [5, 40, configuration.modelWidth])
        let terms = single.losses(data, trunk: run.features)
        terms.total()?.backward()
        try expectEqual(
          single, terms, double, exact, "\(configuration), round \(round), \(library)")
      }
    }
  }

  private func compare(_ configuration: DBVADConfiguration, prior: Bool = false) throws {
    var generator = SeededGenerator(seed: 3)
    let single = try DBVAD<Float>(
      configuration, inputs: Self.inputs, labels: .fixed(labels()), generator: &generator)
    let double = try DBVAD<Double>(
      configuration, inputs: Self.inputs, labels: .fixed(labels()), generator: &generator)
    try compare(single, double, prior: prior, "\(configuration)")
  }

  private func compare(
    _ configuration: VadCLIPConfiguration, prior: Bool = false, rounds: Bool = true
  ) throws {
    var generator = SeededGenerator(seed: 3)
    let single = try VadCLIP<Float>(
      configuration, inputs: Self.inputs, labels: .fixed(labels()), generator: &generator)
    let double = try VadCLIP<Double>(
      configuration, inputs: Self.inputs, labels: .fixed(labels()), generator: &generator)
    try compare(single, double, prior: prior, "\(configuration)", rounds: rounds)
  }

  private func compare<
    Single: VideoPartedDetector<Float>, Double: VideoPartedDetector<Swift.Double>
  >(
    _ single: Single, _ double: Double, prior: Bool, _ name: String, rounds: Bool = true
  ) throws {
    try double.load(
      Dictionary(uniqueKeysWithValues: single.namedParameters.map { ($0.name, $0.variable.value) }))
    let exact = double.losses(batch(Swift.Double.self, prior: prior))
    exact.total()?.backward()
    let data = batch(Float.self, prior: prior)
    // Rounding may change which snippets are a video's greatest ones, and with them gradients of
    // so few videos.
    for library in rounds ? ProductLibrary.runnable : ProductLibrary.singlePrecision {
      let bound = library == .bf16 ? Bound(loss: 0.02, gradient: 0.1) : Bound()
      let program = try #require(single.videoProgram(library: library))
      // The second step reuses the first one's memory.
      for round in 0..<2 {
        single.clearGradients()
        let run = program.run(data.features, lengths: data.lengths, prior: data.prior)
        let terms = single.losses(
          data, parts: VideoParts(pooled: run.pooled, vectors: run.vectors) { run.aligned(to: $0) })
        terms.total()?.backward()
        try expectEqual(
          single, terms, double, exact, "\(name), round \(round), \(library)", bound)
      }
    }
  }

  /// What losses and gradients may differ by, relative to their size.
  private struct Bound {
    var loss = 2e-5
    var gradient = 1e-4
  }

  /// Losses, gradients and staged buffers agree.
  private func expectEqual(
    _ single: any AnomalyDetector<Float>, _ terms: [LossTerm<Float>],
    _ double: any AnomalyDetector<Double>, _ exact: [LossTerm<Double>], _ name: String,
    _ bound: Bound = Bound()
  ) throws {
    for (term, wanted) in zip(terms, exact) {
      #expect(
        abs(Double(term.value.item) - wanted.value.item)
          < bound.loss * max(1, abs(wanted.value.item)),
        "\(name): \(term.name)")
    }
    for ((key, ours), (_, wanted)) in zip(single.namedParameters, double.namedParameters) {
      guard let gradient = wanted.gradient else {
        #expect(ours.gradient == nil, "\(name): \(key)")
        continue
      }
      let found = try #require(ours.gradient, "no gradient of \(key)")
      // Statistics of the batch take these biases off again: their gradients are rounding.
      let isRounding = ClipFusionVADTests.biases.contains(key)
      let length = gradient.scalars.reduce(0) { $0 + $1 * $1 }.squareRoot()
      let gap = GoldenVadCLIP.difference(found, gradient.converted(to: Float.self)) * length
      #expect(
        gap <= max(bound.gradient * length, isRounding ? 3e-6 : 0), "\(name): gradient of \(key)")
    }
    for ((key, ours), (_, wanted)) in zip(single.namedBuffers, double.namedBuffers) {
      #expect((ours.staged == nil) == (wanted.staged == nil))
      let (found, exact) = (ours.staged ?? ours.value, wanted.staged ?? wanted.value)
      #expect(
        GoldenVadCLIP.difference(found, exact.converted(to: Float.self)) < 1e-5,
        "\(name): \(key)")
    }
  }

  @Test("equal bits at every run with one number of threads")
  func bits() throws {
    var generator = SeededGenerator(seed: 3)
    let model = try VadCLIP<Float>(
      vadclip { _ in }, inputs: Self.inputs, labels: .fixed(labels()), generator: &generator)
    let data = batch(Float.self)
    func gradients() throws -> [Tensor<Float>] {
      let program = try #require(model.videoProgram(library: .oneDNN))
      model.clearGradients()
      let run = program.run(data.features, lengths: data.lengths, prior: nil, threads: 2)
      model.losses(
        data, parts: VideoParts(pooled: run.pooled, vectors: run.vectors) { run.aligned(to: $0) }
      ).total()?.backward()
      return model.namedParameters.compactMap(\.variable.gradient)
    }
    let first = try gradients()
    #expect(try gradients() == first)
  }

  @Test("a feature that is not a number reaches the loss")
  func notANumber() throws {
    var generator = SeededGenerator(seed: 3)
    let model = try DBVAD<Float>(
      dbvad { _ in }, inputs: Self.inputs, labels: .fixed(labels()), generator: &generator)
    var data = batch(Float.self)
    data.features.scalars[5] = .nan
    let program = try #require(model.videoProgram(library: nil))
    let run = program.run(data.features, lengths: data.lengths, prior: nil)
    #expect(run.pooled.value.scalars[0].isNaN && run.pooled.value.scalars[1].isFinite)
  }
}
