import Detectors
import NeuralNetworks
import Records
import Tensors
import TestSupport
import Testing
import Training

@Suite struct LearnablePromptTests {
  /// A random CLIP text tower of one layer, width 8, with 20 tokens.
  private func tower(_ generator: inout SeededGenerator) -> [String: Tensor<Float>] {
    let layer = "text_model.encoder.layers.0."
    var shapes: [String: [Int]] = [
      "text_model.embeddings.token_embedding.weight": [20, 8],
      "text_model.embeddings.position_embedding.weight": [12, 8],
      "text_projection.weight": [8, 8], layer + "mlp.fc1.weight": [16, 8],
      layer + "mlp.fc1.bias": [16], layer + "mlp.fc2.weight": [8, 16],
      layer + "mlp.fc2.bias": [8],
    ]
    for name in ["q_proj", "k_proj", "v_proj", "out_proj"] {
      shapes[layer + "self_attn.\(name).weight"] = [8, 8]
      shapes[layer + "self_attn.\(name).bias"] = [8]
    }
    for name in [layer + "layer_norm1", layer + "layer_norm2", "text_model.final_layer_norm"] {
      shapes[name + ".weight"] = [8]
      shapes[name + ".bias"] = [8]
    }
    var tensors: [String: Tensor<Float>] = [:]
    for (name, shape) in shapes.sorted(by: { $0.key < $1.key }) {
      tensors[name] = Initialization.normal(shape, deviation: 0.5, generator: &generator)
    }
    return tensors
  }

  @Test("training moves the learnable tokens, and the checkpoint loads without a text tower")
  func trains() throws {
    var generator = SeededGenerator(seed: 6)
    let encoder = try LabelPromptEncoder<Float>(
      tensors: tower(&generator),
      configuration: CLIPTextTowerConfiguration(heads: 2, startToken: 18, endToken: 19),
      classTokens: [[1], [2, 3], [4], [5]], contextLength: 2, generator: &generator)
    let plan = try SmallDetector.plan(["promptContextLength=2"])
    let model = try DetectorModel(
      SmallDetector.family, configuration: plan.configuration, inputs: plan.inputs,
      labels: .learnable(encoder), generator: &generator)
    let before = (encoder.context.value, encoder().value)
    let training = TrainingConfiguration(epochs: 1, batchSize: 8, learningRate: 1e-2)
    let folder = try TemporaryFolder()
    let url = folder.file("checkpoint.safetensors")
    let samples = SyntheticVideos(count: 16, seed: 1).samples
    _ = try DetectorTrainer(model: model, configuration: training, samples: samples).train(
      destination: .init(
        folder: folder.url, record: SmallDetector.record(training)))
    #expect(encoder.context.value != before.0 && encoder().value != before.1)

    let file = try SafetensorsFile(url: url)
    #expect(try file.tensor("label_prompt.context") == encoder.context.value)
    #expect(try file.tensor("label_embeddings") == encoder().value)
    let loaded = try DetectorCheckpoint(url: url).model()
    let features = try samples[1].features.tensor()
    #expect(try loaded.scores(features) == model.scores(features))
  }
}
