import Detectors
import NeuralNetworks
import Records
import Tensors
import TestSupport
import Testing

@Suite struct LabelPromptEncoderTests {
  private static let labels = [[4], [7, 8, 9], [11, 3]]

  private func tower() throws -> (file: SafetensorsFile, tensors: [String: Tensor<Float>]) {
    let file = try SafetensorsFile(url: Golden.url("text_tower.safetensors"))
    var tensors: [String: Tensor<Float>] = [:]
    for name in file.names where name.hasPrefix("tower.") {
      tensors[String(name.dropFirst("tower.".count))] = try file.tensor(name)
    }
    return (file, tensors)
  }

  private func encoder(_ tensors: [String: Tensor<Float>], activation: String = "quick_gelu")
    throws -> LabelPromptEncoder<Double>
  {
    var generator = SeededGenerator(seed: 0)
    return try LabelPromptEncoder(
      tensors: tensors,
      configuration: CLIPTextTowerConfiguration(
        heads: 4, activation: activation, startToken: 28, endToken: 29),
      classTokens: Self.labels, contextLength: 3, generator: &generator)
  }

  @Test(
    "embeddings and the learnable tokens' gradient equal transformers'",
    arguments: ["quick_gelu", "gelu"])
  func golden(activation: String) throws {
    let (file, tensors) = try tower()
    let encoder = try encoder(tensors, activation: activation)
    encoder.context.assign(try file.tensor("context").converted(to: Double.self))
    let embeddings = encoder()
    #expect(
      GoldenDBVAD.difference(embeddings.value, try file.tensor(activation + ".embeddings"))
        < 1e-6)
    let weighting = Variable(try file.tensor("weighting").converted(to: Double.self))
    (embeddings * weighting).sum().backward()
    let gradient = try #require(encoder.context.gradient)
    #expect(
      GoldenDBVAD.difference(gradient, try file.tensor(activation + ".gradient")) < 2e-6)
  }

  @Test("the learnable tokens are the only parameter, and the model lists them under its key")
  func parameters() throws {
    let encoder = try encoder(try tower().tensors)
    #expect(encoder.namedParameters.map(\.name) == ["context"])
    #expect(encoder.context.shape == [6, 16] && encoder.outputShape == [3, 6])
    var generator = SeededGenerator(seed: 0)
    let model = try DBVAD<Double>(
      DBVADConfiguration(),
      inputs: DetectorInputs(visualWidth: 8, labelTextWidth: 6, classes: ["a", "b", "c"]),
      labels: .learnable(encoder), generator: &generator)
    #expect(model.namedParameters.contains { $0.name == "label_prompt.context" })
  }

  @Test("a missing tensor, an unknown activation and a prompt too long are refused")
  func errors() throws {
    var tensors = try tower().tensors
    #expect(throws: DetectorError.self) { try encoder(tensors, activation: "relu") }
    var generator = SeededGenerator(seed: 0)
    #expect(
      throws: DetectorError.badTextTower(reason: "prompts of 15 tokens, at most 14 are read")
    ) {
      try LabelPromptEncoder<Double>(
        tensors: tensors,
        configuration: CLIPTextTowerConfiguration(heads: 4, startToken: 28, endToken: 29),
        classTokens: [[1, 2, 3]], contextLength: 5, generator: &generator)
    }
    tensors["text_model.final_layer_norm.bias"] = nil
    #expect(
      throws: DetectorError.badTextTower(reason: "no tensor 'text_model.final_layer_norm.bias'")
    ) { try encoder(tensors) }
  }
}
