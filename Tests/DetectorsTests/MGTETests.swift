import Detectors
import NeuralNetworks
import Records
import Tensors
import TestSupport
import Testing

/// The small models that `Golden/make_mgte.py` made with PyTorch.
struct GoldenMGTE {
  static let variants = ["ucf", "xd"].flatMap { base in
    [
      "full", "no-temporal", "no-label", "no-description", "soft", "masked", "adapters", "leak",
    ].map { "\(base).\($0)" }
  }

  let file: SafetensorsFile
  let variant: String
  /// The part of the name before the dot, to which the parameters belong.
  var base: String { String(variant.prefix { $0 != "." }) }

  init(_ variant: String) throws {
    file = try SafetensorsFile(url: Golden.url("mgte.safetensors"))
    self.variant = variant
  }

  func expected(_ name: String) throws -> Tensor<Float> { try file.tensor("\(variant).\(name)") }

  /// The names after a prefix, with their tensors.
  func tensors(_ prefix: String) throws -> [String: Tensor<Float>] {
    var found: [String: Tensor<Float>] = [:]
    for name in file.names where name.hasPrefix(prefix) {
      found[String(name.dropFirst(prefix.count))] = try file.tensor(name)
    }
    return found
  }

  var embeddings: Tensor<Float> { get throws { try file.tensor(base + ".class_embeddings") } }

  var configuration: MGTEConfiguration {
    var configuration = MGTEConfiguration()
    configuration.modelWidth = 8
    if base == "xd" {
      (configuration.window, configuration.transformerLayers) = (16, 1)
      configuration.separationLossWeight = 1e-4
    }
    switch variant.dropFirst(base.count + 1) {
    case "no-temporal": configuration.usesTemporal = false
    case "no-label": configuration.usesLabel = false
    case "no-description": configuration.usesDescription = false
    case "soft": configuration.contrastiveTargets = .descriptionSimilarity
    case "masked": configuration.contrastiveTargets = .maskedDuplicates
    case "adapters": configuration.descriptionAdapters = true
    case "leak": (configuration.vadclipPaddingLeak, configuration.legacyRawLogits) = (true, true)
    default: break
    }
    return configuration
  }

  func model<Scalar: TensorScalar>(_ type: Scalar.Type) throws -> MGTE<Scalar> {
    var inputs = DetectorInputs(
      visualWidth: 6, textWidth: 5, labelTextWidth: try embeddings.shape[1],
      classes: ["a", "b", "c", "d", "e"])
    inputs.maximumSnippets = 20
    var generator = SeededGenerator(seed: 0)
    let model = try MGTE<Scalar>(
      configuration, inputs: inputs, labels: .fixed(try embeddings), generator: &generator)
    try model.load(try tensors(base + ".parameter."))
    return model
  }

  func batch<Scalar: TensorScalar>(_ type: Scalar.Type) throws -> DetectorBatch<Scalar> {
    let labels = try file.tensor("input.labels")
    let own = (0..<4).map { row in (0..<5).filter { labels.scalars[row * 5 + $0] > 0 } }
    return DetectorBatch(
      features: try file.tensor("input.features").converted(to: type),
      lengths: try file.integers("input.lengths"),
      targets: Tensor(shape: [4], scalars: own.map { $0.contains(0) ? 0 : 1 }),
      classIndices: own, describedRows: try file.integers("input.described"),
      descriptions: try file.tensor("input.descriptions").converted(to: type))
  }
}

@Suite struct MGTETests {
  @Test("scores, losses and every gradient equal PyTorch's", arguments: GoldenMGTE.variants)
  func golden(variant: String) throws {
    let golden = try GoldenMGTE(variant)
    let model = try golden.model(Double.self)
    let batch = try golden.batch(Double.self)
    let output = model(Variable(batch.features), lengths: batch.lengths)
    #expect(GoldenVadCLIP.difference(output.logits.value, try golden.expected("logits")) < 1e-6)
    #expect((output.classLogits == nil) == !golden.configuration.usesLabel)
    if let classes = output.classLogits {
      #expect(
        GoldenVadCLIP.difference(classes.value, try golden.expected("class_logits")) < 1e-6)
    }

    let terms = model.losses(batch)
    #expect(
      Set(terms.map(\.name) + ["total"]) == Set(try golden.tensors(variant + ".loss.").keys))
    for term in terms {
      #expect(
        GoldenVadCLIP.difference(term.value.value, try golden.expected("loss." + term.name)) < 1e-6,
        "\(term.name)")
    }
    let total = try #require(terms.total())
    #expect(GoldenVadCLIP.difference(total.value, try golden.expected("loss.total")) < 1e-6)
    total.backward()
    var wanted = try golden.tensors(variant + ".gradient.")
    wanted["class_embeddings"] = nil
    #expect(Set(model.namedParameters.map(\.name)) == Set(wanted.keys))
    for (name, variable) in model.namedParameters {
      let gradient = try #require(variable.gradient, "no gradient of \(name)")
      let expected = try #require(wanted[name])
      // The keys' bias moves no softmax: its gradient is rounding alone.
      if name.hasSuffix("in_proj_bias") {
        #expect(zip(gradient.scalars, expected.scalars).allSatisfy { abs($0 - Double($1)) < 1e-6 })
      } else {
        #expect(GoldenVadCLIP.difference(gradient, expected) < 1e-6, "gradient of \(name)")
      }
    }
  }

  @Test("the gradient reaches the class embeddings")
  func classEmbeddings() throws {
    // Those of `ucf` are as wide as the model.
    for variant in GoldenMGTE.variants where variant.hasPrefix("ucf") && variant != "ucf.no-label" {
      let golden = try GoldenMGTE(variant)
      let model = try golden.model(Double.self)
      let batch = try golden.batch(Double.self)
      let text = Variable(
        try golden.embeddings.converted(to: Double.self), requiresGradient: true)
      model.losses(batch, parts: model.parts(of: batch), text: text).total()?.backward()
      #expect(
        GoldenVadCLIP.difference(
          try #require(text.gradient), try golden.expected("gradient.class_embeddings")) < 1e-6,
        "\(variant)")
    }
  }

  @Test("ten steps of AdamW give PyTorch's losses and parameters", arguments: ["ucf", "xd"])
  func steps(base: String) throws {
    let golden = try GoldenMGTE(base + ".full")
    let model = try golden.model(Double.self)
    let batch = try golden.batch(Double.self)
    var optimizer = AdamW(model.namedParameters.map(\.variable), learningRate: 1e-2)
    for expected in try golden.expected("curve").scalars {
      let total = try #require(model.losses(batch).total())
      #expect(abs(total.item - Double(expected)) < 1e-5 * Double(expected))
      total.backward()
      optimizer.step()
    }
    for (name, variable) in model.namedParameters {
      #expect(
        GoldenVadCLIP.difference(variable.value, try golden.expected("stepped." + name)) < 1e-5,
        "\(name)")
    }
  }

  @Test("a video of several classes has them in equal shares, and its own description")
  func severalClasses() throws {
    let golden = try GoldenMGTE("xd.full")
    let model = try golden.model(Double.self)
    var batch = try golden.batch(Double.self)
    func terms() -> [String: Double] {
      Dictionary(uniqueKeysWithValues: model.losses(batch).map { ($0.name, $0.value.item) })
    }
    // L_label is linear in the targets: y/sum(y) of two classes is the mean of either alone.
    #expect(batch.classIndices[2] == [1, 3])
    let both = try #require(terms()["label"])
    var single: [Double] = []
    for index in [1, 3] {
      batch.classIndices[2] = [index]
      single.append(try #require(terms()["label"]))
    }
    #expect(abs(both - (single[0] + single[1]) / 2) < 1e-12 && abs(single[0] - single[1]) > 1e-3)
    // Its description is its own, whatever its classes: exchanged with another's, the loss is
    // another one; exchanged together with the rows, it is the same.
    let own = try #require(terms()["description"])
    let texts = Variable(try #require(batch.descriptions))
    batch.descriptions = texts.rows([1, 0, 2]).value
    #expect(abs(try #require(terms()["description"]) - own) > 1e-3)
    let rows = batch.describedRows
    batch.describedRows = [rows[1], rows[0], rows[2]]
    #expect(abs(try #require(terms()["description"]) - own) < 1e-12)
  }

  @Test("one described video has no description loss, and no video is described without DEM")
  func undescribed() throws {
    let golden = try GoldenMGTE("ucf.full")
    let model = try golden.model(Float.self)
    var batch = try golden.batch(Float.self)
    batch.describedRows = [2]
    batch.descriptions = batch.descriptions?[rows: 1..<2]
    #expect(model.losses(batch).map(\.name) == ["binary", "label", "separation"])
    let family = try DetectorRegistry.standard.family("mgte")
    let inputs = DetectorInputs(classes: ["normal", "fight"])
    for (preset, isUsed) in [("", true), ("xd+no-label", true), ("ucf+no-description", false)] {
      let plan = try family.plan(preset: preset, hasBuiltInFeatures: false, inputs: inputs)
      #expect(plan.usesDescriptions == isUsed, "\(preset)")
    }
    let builtIn = try family.plan(preset: "no-temporal", hasBuiltInFeatures: true, inputs: inputs)
    #expect(builtIn.presets == ["builtin", "no-temporal"] && builtIn.variant == "mgte-no-temporal")
  }

  @Test("more padding changes no logit, unless VadCLIP's leak is on")
  func padding() throws {
    for (variant, isMasked) in [("ucf.full", true), ("xd.full", true), ("ucf.leak", false)] {
      let golden = try GoldenMGTE(variant)
      let model = try golden.model(Double.self)
      let features = Variable(try golden.batch(Double.self).features[rows: 1..<2])
      let long = model(features, lengths: [7])
      let short = model(features.droppingTime(beyond: 7), lengths: [7])
      let gap =
        zip(long.logits.value.scalars.prefix(7), short.logits.value.scalars)
        .map { abs($0 - $1) }.max() ?? 0
      #expect(isMasked ? gap < 1e-12 : gap > 1e-6, "\(variant)")
    }
  }

  @Test("the design's sizes, as PyTorch counts them: VadCLIP's without its unused parameter")
  func sizes() throws {
    let expected = [
      ("ucf", 14, 12_642_305), ("ucf+no-temporal", 14, 4_239_361),
      ("ucf+no-label", 14, 10_503_169), ("ucf+no-description", 14, 12_642_305),
      ("xd", 7, 9_489_921), ("xd+no-temporal", 7, 4_239_361), ("xd+no-label", 7, 7_350_785),
    ]
    for (preset, classes, count) in expected {
      #expect(try Self.parameterCount(preset, classes: classes) == count, "\(preset)")
    }
    #expect(
      try Self.parameterCount("ucf", sets: ["descriptionAdapters=true"], classes: 14) == 16_841_729)
  }

  private static func parameterCount(_ preset: String, sets: [String] = [], classes: Int) throws
    -> Int
  {
    let family = try DetectorRegistry.standard.family("mgte")
    let plan = try family.plan(
      preset: preset, hasBuiltInFeatures: false, sets: sets,
      inputs: DetectorInputs(classes: (0..<classes).map { "class\($0)" }))
    var generator = SeededGenerator(seed: 0)
    let prompt = try GoldenVadCLIP.promptEncoder(classes: classes, generator: &generator)
    return try DetectorModel(
      family, configuration: plan.configuration, inputs: plan.inputs,
      labels: .learnable(prompt), generator: &generator
    ).parameterCount
  }
}
