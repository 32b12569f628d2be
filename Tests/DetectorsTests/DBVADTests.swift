import Detectors
import NeuralNetworks
import Records
import Tensors
import Testing

@Suite struct DBVADTests {
  @Test(
    "logits and losses of every variant equal PyTorch's",
    arguments: ["default", "leak", "raw", "soft", "none", "gcn", "ptc", "multi"])
  func forward(variant: String) throws {
    let golden = try GoldenDBVAD()
    let model = try golden.model(variant, Double.self)
    let batch = try golden.batch(Double.self)
    let logits = model(Variable(batch.features), lengths: batch.lengths).logits.value
    #expect(
      GoldenDBVAD.difference(logits, try golden.file.tensor(variant + ".logits")) < 1e-6)
    let losses = model.losses(batch)
    #expect(losses.map(\.name) == ["binary", "description"])
    let total: Variable<Double> = try #require(losses.total())
    let found = Tensor<Double>(
      shape: [3], scalars: [total.item] + losses.map(\.value.item))
    #expect(GoldenDBVAD.difference(found, try golden.file.tensor(variant + ".losses")) < 1e-6)
  }

  @Test("every gradient, by name, equals PyTorch's")
  func gradients() throws {
    let golden = try GoldenDBVAD()
    let model = try golden.model("default", Double.self)
    model.losses(try golden.batch(Double.self)).total()?.backward()
    let wanted = golden.file.names.filter { $0.hasPrefix("gradient.") }
    #expect(wanted.count == model.namedParameters.count)
    for (name, variable) in model.namedParameters {
      let gradient = try #require(variable.gradient, "no gradient of \(name)")
      let difference = GoldenDBVAD.difference(
        gradient, try golden.file.tensor("gradient." + name))
      #expect(difference < 1e-6, "gradient of \(name)")
    }
  }

  @Test("ten AdamW steps in single precision follow PyTorch's loss curve to 2e-4")
  func lossCurve() throws {
    let golden = try GoldenDBVAD()
    let model = try golden.model("default", Float.self)
    let batch = try golden.batch(Float.self)
    var optimizer = AdamW(model.namedParameters.map(\.variable), learningRate: 1e-2)
    for expected in try golden.file.tensor("curve").scalars {
      let total = try #require(model.losses(batch).total())
      #expect(abs(total.item - expected) < 2e-4)
      total.backward()
      optimizer.step()
    }
  }

  @Test("more padding changes no logit, unless VadCLIP's leak is on")
  func padding() throws {
    let golden = try GoldenDBVAD()
    let batch = try golden.batch(Double.self)
    for variant in ["default", "leak"] {
      let model = try golden.model(variant, Double.self)
      let short = Variable(batch.features).rows([2])
      let joined = Variable.concatenated([
        short.transposed(), Variable(Tensor(shape: [1, 6, 12])),
      ]).transposed()
      let a = model(short, lengths: [9]).logits.value.scalars.prefix(9)
      let b = model(joined, lengths: [9]).logits.value.scalars.prefix(9)
      let worst = zip(a, b).reduce(0) { max($0, abs($1.0 - $1.1)) }
      #expect(variant == "default" ? worst < 1e-12 : worst > 1e-6)
    }
  }

  @Test("the parts that are switched off have no parameters")
  func ablation() throws {
    var generator = SeededGenerator(seed: 1)
    func names(visualWidth: Int = 512, _ change: (inout DBVADConfiguration) -> Void) throws
      -> Set<String>
    {
      var configuration = DBVADConfiguration()
      configuration.modelWidth = 8
      change(&configuration)
      let model = try DBVAD<Float>(
        configuration, inputs: DetectorInputs(visualWidth: visualWidth, classes: ["a"]),
        labels: .fixed(Tensor(shape: [1, 512])), generator: &generator)
      return Set(model.namedParameters.map { String($0.name.prefix { $0 != "." }) })
    }
    let all: Set = [
      "input_projection", "temporal", "classifier", "label_projection", "semantic_focus",
      "description_projection", "description_boost",
    ]
    #expect(try names { _ in } == all)
    #expect(
      try names { $0.usesSFP = false } == all.subtracting(["label_projection", "semantic_focus"]))
    #expect(
      try names { $0.usesDBM = false } == ["input_projection", "temporal", "classifier"])
    #expect(
      try names(visualWidth: 8) {
        $0.usesDBM = false
        $0.temporal = .none
      } == ["classifier"])
  }

  @Test("a description that is nearly a video's own is not held against it")
  func nearDuplicates() throws {
    let golden = try GoldenDBVAD()
    func loss(_ targets: ContrastiveTargets, repeated: Bool) throws -> Double {
      var configuration = GoldenDBVAD.configuration("default")
      configuration.contrastiveTargets = targets
      var generator = SeededGenerator(seed: 1)
      let model = try DBVAD<Double>(
        configuration, inputs: GoldenDBVAD.inputs,
        labels: .fixed(try golden.file.tensor("input.labels")), generator: &generator)
      var batch = try golden.batch(Double.self)
      if repeated, let texts = batch.descriptions {
        // The third video's text becomes the first one's.
        batch.descriptions = Variable(texts).rows([0, 1, 0, 3]).value
      }
      return try #require(model.losses(batch).first { $0.name == "description" }).value.item
    }
    #expect(
      try loss(.maskedDuplicates, repeated: false) == loss(.identity, repeated: false))
    #expect(try loss(.maskedDuplicates, repeated: true) < loss(.identity, repeated: true))
  }

  @Test("fewer than two described videos leave only the binary loss")
  func undescribed() throws {
    let golden = try GoldenDBVAD()
    let model = try golden.model("default", Float.self)
    var batch = try golden.batch(Float.self)
    batch.describedRows = [2]
    batch.descriptions = batch.descriptions?[rows: 2..<3]
    let losses = model.losses(batch)
    #expect(losses.map(\.name) == ["binary"])
  }
}
