import Detectors
import NeuralNetworks
import Records
import Tensors
import TestSupport
import Testing

/// The small models that `Golden/make_clipfusion.py` made with PyTorch.
struct GoldenClipFusion {
  static let variants = ["w8", "w16"].flatMap { model in
    ["ours", "published", "masked", "trap"].map { "\(model).\($0)" }
  }

  let file: SafetensorsFile
  let variant: String
  /// The part of the name before the dot, to which the parameters belong.
  private var shape: String { String(variant.prefix { $0 != "." }) }
  var isTrap: Bool { variant.hasSuffix("trap") }

  init(_ variant: String) throws {
    file = try SafetensorsFile(url: Golden.url("clipfusion.safetensors"))
    self.variant = variant
  }

  func expected(_ name: String) throws -> Tensor<Float> { try file.tensor("\(variant).\(name)") }

  var text: Tensor<Float> { get throws { try file.tensor(shape + ".class_embeddings") } }

  func model<Scalar: TensorScalar>(_ type: Scalar.Type) throws -> ClipFusionVAD<Scalar> {
    var configuration = ClipFusionVADConfiguration()
    configuration.modelWidth = 8
    if shape == "w16" { (configuration.window, configuration.transformerLayers) = (16, 3) }
    if variant.hasSuffix("masked") {
      configuration.vadclipPaddingLeak = false
      configuration.legacyRawLogits = false
    }
    configuration.batchNormPaddingLeak = isTrap || variant.hasSuffix("published")
    if isTrap { configuration.batchNormEvalAfter = 3 }
    var generator = SeededGenerator(seed: 0)
    let model = try ClipFusionVAD<Scalar>(
      configuration, inputs: GoldenVadCLIP.inputs, labels: .fixed(try text),
      generator: &generator)
    var tensors: [String: Tensor<Float>] = [:]
    for kind in ["parameter", "buffer"] {
      let prefix = "\(shape).\(kind)."
      for name in file.names where name.hasPrefix(prefix) {
        tensors[String(name.dropFirst(prefix.count))] = try file.tensor(name)
      }
    }
    #expect(Set(tensors.keys) == Set(model.namedTensors.map(\.name)))
    try model.load(tensors)
    return model
  }

  /// - Parameter step: of the epoch.
  func batch<Scalar: TensorScalar>(_ type: Scalar.Type, step: Int) throws
    -> DetectorBatch<Scalar>
  {
    let labels = try file.tensor("input.labels")
    let own = (0..<4).map { row in (0..<5).filter { labels.scalars[row * 5 + $0] > 0 } }
    var batch = DetectorBatch(
      features: try file.tensor("input.features").converted(to: type),
      lengths: try file.integers("input.lengths"),
      targets: Tensor(shape: [4], scalars: own.map { $0.contains(0) ? 0 : 1 }),
      classIndices: own)
    batch.stepInEpoch = step
    return batch
  }
}

@Suite struct ClipFusionVADTests {
  /// Biases whose gradient is rounding where batch normalisation takes them off again.
  static let biases = ["gam.spatial_attention.0.bias", "gam.spatial_attention.3.bias"]

  @Test(
    "scores, losses, every gradient and the running statistics equal PyTorch's",
    arguments: GoldenClipFusion.variants)
  func golden(variant: String) throws {
    let golden = try GoldenClipFusion(variant)
    let model = try golden.model(Double.self)
    let batch = try golden.batch(Double.self, step: 3)
    let output = model(Variable(batch.features), lengths: batch.lengths)
    #expect(GoldenVadCLIP.difference(output.logits.value, try golden.expected("logits")) < 1e-6)
    #expect(
      GoldenVadCLIP.difference(
        try #require(output.classLogits).value, try golden.expected("class_logits")) < 1e-6)

    let text = Variable(
      try golden.text.converted(to: Double.self), requiresGradient: true)
    let terms = model.losses(batch, trunk: model.trunk(of: batch), text: text)
    #expect(terms.map(\.name) == ["binary", "alignment", "separation"])
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
      if !golden.isTrap, Self.biases.contains(name) {
        #expect(gradient.scalars.allSatisfy { abs($0) < 1e-12 })
        continue
      }
      #expect(
        GoldenVadCLIP.difference(gradient, try golden.expected("gradient." + name)) < 1e-6,
        "gradient of \(name)")
    }
    #expect(
      GoldenVadCLIP.difference(
        try #require(text.gradient), try golden.expected("gradient.class_embeddings")) < 1e-6)
    #expect(model.namedBuffers.count == 6)
    #expect(model.namedBuffers.allSatisfy { ($0.buffer.staged == nil) == golden.isTrap })
    model.commitBuffers()
    for (name, buffer) in model.namedBuffers {
      #expect(
        GoldenVadCLIP.difference(buffer.value, try golden.expected("buffer." + name)) < 1e-6,
        "\(name)")
    }
  }

  @Test(
    "ten steps of AdamW end in PyTorch's parameters and running statistics",
    arguments: GoldenClipFusion.variants)
  func tenSteps(variant: String) throws {
    let golden = try GoldenClipFusion(variant)
    let model = try golden.model(Double.self)
    var optimizer = AdamW(
      model.namedParameters.map(\.variable), learningRate: 1e-3, weightDecay: 0.01)
    for (step, wanted) in try golden.expected("curve").scalars.enumerated() {
      let total = try #require(
        model.losses(try golden.batch(Double.self, step: step)).total())
      #expect(abs(total.item - Double(wanted)) < 1e-6 * Double(wanted), "step \(step)")
      total.backward()
      optimizer.step()
      model.commitBuffers()
    }
    for (name, tensor) in model.namedTensors {
      #expect(
        GoldenVadCLIP.difference(tensor, try golden.expected("trained." + name)) < 1e-6,
        "\(name)")
    }
  }

  @Test("the published sizes: 14,218,754 parameters for UCF-Crime, 17,371,138 for XD-Violence")
  func sizes() throws {
    let file = try SafetensorsFile(url: Golden.url("vadclip_prompt.safetensors"))
    // A tower of one layer as wide as CLIP's: its 77 learnable rows are counted, it is not.
    var tower: [String: Tensor<Float>] = [:]
    for name in file.names where name.hasPrefix("tower.") && !name.contains("layers.1") {
      let shape = try #require(file.shape(of: name)).map { [16: 512, 6: 512, 14: 77][$0] ?? $0 }
      tower[String(name.dropFirst("tower.".count))] = Tensor(shape: shape)
    }
    let family = try DetectorRegistry.standard.family("clipfusion")
    for (preset, classes, expected) in [("ucf", 14, 14_218_754), ("xd", 7, 17_371_138)] {
      let inputs = DetectorInputs(classes: (0..<classes).map { "class\($0)" })
      let plan = try family.plan(preset: preset, hasBuiltInFeatures: false, inputs: inputs)
      var generator = SeededGenerator(seed: 0)
      let prompt = try LabelPromptEncoder<Float>(
        tensors: tower, configuration: .init(heads: 8, startToken: 1, endToken: 2),
        classTokens: Array(repeating: [3], count: classes), layout: .positional,
        generator: &generator)
      let model = try DetectorModel(
        family, configuration: plan.configuration, inputs: plan.inputs,
        labels: .learnable(prompt), generator: &generator)
      #expect(model.parameterCount == expected, "\(preset)")
      #expect(model.namedBuffers.map(\.buffer.value.count) == [128, 128, 1, 512, 512, 1])
    }
  }

  @Test("more padding changes no logit and no statistic where it is masked")
  func padding() throws {
    for (variant, isMasked) in [("w8.masked", true), ("w8.ours", false)] {
      let golden = try GoldenClipFusion(variant)
      let model = try golden.model(Double.self)
      let features = try golden.batch(Double.self, step: 0).features[rows: 1..<2]
      func results(_ features: Tensor<Double>) -> [Double] {
        let output = model(Variable(features), lengths: [7])
        let batch = DetectorBatch(
          features: features, lengths: [7], targets: Tensor(shape: [1], scalars: [1]),
          classIndices: [[1]])
        let loss = model.losses(batch).total()
        return output.logits.value.scalars.prefix(7) + [loss?.item ?? 0]
          + model.namedBuffers.flatMap { $0.buffer.staged?.scalars ?? [] }
      }
      let long = results(features)
      let short = results(Variable(features).droppingTime(beyond: 7).value)
      let gap = zip(long, short).map { abs($0 - $1) }.max() ?? 0
      #expect(long.count == short.count && long.count == 7 + 1 + 22)
      #expect(isMasked ? gap < 1e-12 : gap > 1e-6)
    }
  }

  @Test("a width that four does not divide, and a negative step, are refused by key")
  func refusals() throws {
    for set in ["modelWidth=18", "batchNormEvalAfter=-1"] {
      let key = String(set.prefix { $0 != "=" })
      do {
        _ = try DetectorRegistry.standard.family("clipfusion").plan(
          hasBuiltInFeatures: false, sets: [set], inputs: DetectorInputs(classes: ["a"]))
        Issue.record("\(set) was accepted")
      } catch DetectorError.badConfiguration(let found, _, _) {
        #expect(found == key)
      }
    }
  }
}
