import Detectors
import NeuralNetworks
import Records
import Tensors
import TestSupport
import Testing

/// The small models that `Golden/make_vadclip.py` made with PyTorch.
struct GoldenVadCLIP {
  static let variants = ["w8.leak", "w8.masked", "w16.leak", "w16.masked"]
  static let inputs: DetectorInputs = {
    var inputs = DetectorInputs(
      visualWidth: 8, textWidth: 8, labelTextWidth: 8, classes: ["a", "b", "c", "d", "e"])
    inputs.maximumSnippets = 20
    return inputs
  }()

  let file: SafetensorsFile
  let variant: String
  /// The part of the name before the dot, to which the parameters belong.
  private var shape: String { String(variant.prefix { $0 != "." }) }

  init(_ variant: String) throws {
    file = try SafetensorsFile(url: Golden.url("vadclip.safetensors"))
    self.variant = variant
  }

  func expected(_ name: String) throws -> Tensor<Float> { try file.tensor("\(variant).\(name)") }

  var text: Tensor<Float> { get throws { try file.tensor(shape + ".class_embeddings") } }

  func model<Scalar: TensorScalar>(_ type: Scalar.Type) throws -> VadCLIP<Scalar> {
    var configuration = VadCLIPConfiguration()
    configuration.modelWidth = 8
    if shape == "w16" { (configuration.window, configuration.transformerLayers) = (16, 1) }
    if variant.hasSuffix("masked") {
      configuration.vadclipPaddingLeak = false
      configuration.legacyRawLogits = false
    }
    var generator = SeededGenerator(seed: 0)
    let model = try VadCLIP<Scalar>(
      configuration, inputs: Self.inputs, labels: .fixed(try text), generator: &generator)
    let prefix = shape + ".parameter."
    var tensors: [String: Tensor<Float>] = [:]
    for name in file.names where name.hasPrefix(prefix) {
      tensors[String(name.dropFirst(prefix.count))] = try file.tensor(name)
    }
    try model.load(tensors)
    return model
  }

  func batch<Scalar: TensorScalar>(_ type: Scalar.Type) throws -> DetectorBatch<Scalar> {
    let labels = try file.tensor("input.labels")
    let own = (0..<4).map { row in (0..<5).filter { labels.scalars[row * 5 + $0] > 0 } }
    return DetectorBatch(
      features: try file.tensor("input.features").converted(to: type),
      lengths: try file.integers("input.lengths"),
      targets: Tensor(shape: [4], scalars: own.map { $0.contains(0) ? 0 : 1 }),
      classIndices: own)
  }

  /// Prompts with CLIP's 77 learnable rows of 512, which are counted, and a tower of one layer as
  /// wide as CLIP's, which is not.
  static func promptEncoder(classes: Int, generator: inout SeededGenerator) throws
    -> LabelPromptEncoder<Float>
  {
    let file = try SafetensorsFile(url: Golden.url("vadclip_prompt.safetensors"))
    var tower: [String: Tensor<Float>] = [:]
    for name in file.names where name.hasPrefix("tower.") && !name.contains("layers.1") {
      let shape = try #require(file.shape(of: name)).map { [16: 512, 6: 512, 14: 77][$0] ?? $0 }
      tower[String(name.dropFirst("tower.".count))] = Tensor(shape: shape)
    }
    return try LabelPromptEncoder(
      tensors: tower, configuration: .init(heads: 8, startToken: 1, endToken: 2),
      classTokens: Array(repeating: [3], count: classes), layout: .positional,
      generator: &generator)
  }

  /// |a − b| / |b|, by the lengths of all numbers together; |a| where b is 0.
  static func difference<Scalar>(_ a: Tensor<Scalar>, _ b: Tensor<Float>) -> Double {
    guard a.shape == b.shape else { return .infinity }
    let (distance, length) = zip(a.scalars, b.scalars).reduce((0.0, 0.0)) { sums, pair in
      let gap = Double(pair.0) - Double(pair.1)
      return (sums.0 + gap * gap, sums.1 + Double(pair.1) * Double(pair.1))
    }
    return length > 0 ? (distance / length).squareRoot() : distance.squareRoot()
  }
}

@Suite struct VadCLIPTests {
  @Test(
    "scores, losses and every gradient equal PyTorch's", arguments: GoldenVadCLIP.variants)
  func golden(variant: String) throws {
    let golden = try GoldenVadCLIP(variant)
    let model = try golden.model(Double.self)
    let batch = try golden.batch(Double.self)
    let output = model(Variable(batch.features), lengths: batch.lengths)
    // Rows that are masked have no meaning: their logits are those of a row of zeros.
    #expect(GoldenVadCLIP.difference(output.logits.value, try golden.expected("logits")) < 1e-6)
    #expect(
      GoldenVadCLIP.difference(
        try #require(output.classLogits).value, try golden.expected("class_logits"))
        < 1e-6)

    let text = Variable(
      try golden.text.converted(to: Double.self), requiresGradient: true)
    let terms = model.losses(batch, parts: model.parts(of: batch), text: text)
    for term in terms {
      #expect(
        GoldenVadCLIP.difference(term.value.value, try golden.expected("loss." + term.name)) < 1e-6,
        "\(term.name)")
    }
    let total = try #require(terms.total())
    #expect(GoldenVadCLIP.difference(total.value, try golden.expected("loss.total")) < 1e-6)
    total.backward()
    for (name, variable) in model.namedParameters where name != "disAdj.sigma" {
      let gradient = try #require(variable.gradient, "no gradient of \(name)")
      #expect(
        GoldenVadCLIP.difference(gradient, try golden.expected("gradient." + name)) < 1e-6,
        "gradient of \(name)")
    }
    #expect(
      GoldenVadCLIP.difference(
        try #require(text.gradient), try golden.expected("gradient.class_embeddings"))
        < 1e-6)
  }

  @Test("the published sizes: 12,642,306 parameters for UCF-Crime, 9,489,922 for XD-Violence")
  func sizes() throws {
    for (preset, classes, expected) in [("ucf", 14, 12_642_306), ("xd", 7, 9_489_922)] {
      let inputs = DetectorInputs(classes: (0..<classes).map { "class\($0)" })
      let plan = try DetectorRegistry.standard.family("vadclip").plan(
        preset: preset, hasBuiltInFeatures: false, inputs: inputs)
      var generator = SeededGenerator(seed: 0)
      let prompt = try GoldenVadCLIP.promptEncoder(classes: classes, generator: &generator)
      let model = try DetectorModel(
        DetectorRegistry.standard.family("vadclip"), configuration: plan.configuration,
        inputs: plan.inputs, labels: .learnable(prompt), generator: &generator)
      #expect(model.parameterCount == expected, "\(preset)")
    }
  }

  @Test("VadCLIP's prompts: embeddings and the table's gradient equal PyTorch's")
  func prompts() throws {
    let file = try SafetensorsFile(url: Golden.url("vadclip_prompt.safetensors"))
    var tower: [String: Tensor<Float>] = [:]
    for name in file.names where name.hasPrefix("tower.") {
      tower[String(name.dropFirst("tower.".count))] = try file.tensor(name)
    }
    let tokens = try file.integers("classes")
    var generator = SeededGenerator(seed: 0)
    let encoder = try LabelPromptEncoder<Double>(
      tensors: tower,
      configuration: CLIPTextTowerConfiguration(heads: 4, startToken: 28, endToken: 29),
      classTokens: (0..<4).map { row in
        tokens[row * 3..<row * 3 + 3].filter { $0 >= 0 }
      }, contextLength: 2, layout: .positional, generator: &generator)
    #expect(encoder.namedParameters.map(\.name) == ["weight"])
    encoder.context.assign(
      try file.tensor("text_prompt_embeddings.weight").converted(to: Double.self))
    let embeddings = encoder()
    #expect(
      GoldenVadCLIP.difference(embeddings.value, try file.tensor("class_embeddings")) < 1e-6)
    let weighting = Variable(try file.tensor("upstream").converted(to: Double.self))
    (embeddings * weighting).sum().backward()
    #expect(
      GoldenVadCLIP.difference(
        try #require(encoder.context.gradient),
        try file.tensor("gradient.text_prompt_embeddings.weight")) < 1e-6)
  }

  @Test("more padding changes no logit where it is masked")
  func padding() throws {
    for (variant, isMasked) in [("w8.masked", true), ("w8.leak", false)] {
      let golden = try GoldenVadCLIP(variant)
      let model = try golden.model(Double.self)
      let features = try golden.batch(Double.self).features[rows: 1..<2]
      let long = model(Variable(features), lengths: [7])
      let short = model(
        Variable(features).droppingTime(beyond: 7), lengths: [7])
      let gap =
        zip(long.logits.value.scalars.prefix(7), short.logits.value.scalars)
        .map { abs($0 - $1) }.max() ?? 0
      #expect(isMasked ? gap < 1e-12 : gap > 1e-6)
    }
  }
}
