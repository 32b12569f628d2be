import Records
import Tensors

/// CLIP's text tower inside the checkpoint of another model, under OpenAI's names and a prefix,
/// as detectors with learned prompts store it.
package struct StoredTextTower: Sendable {
  /// Under Hugging Face's names, as `CLIPModel.textTowerWeights` gives them.
  package let weights: [String: Tensor<Float>]
  /// One for each 64 columns, as in every model that OpenAI released.
  package let heads: Int
  /// The width of the text embeddings.
  package let dimension: Int

  /// Nil where the file has no text tower under the prefix.
  ///
  /// - Throws: `EncoderError` for a tower with missing, ill-shaped or damaged weights.
  package init?(in file: any TensorFile, prefix: String) throws {
    let source = WeightSource(file)
      .strippingPrefix([prefix], of: "token_embedding.weight").laidOut(by: OpenCLIPLayout.place)
    func shape(_ name: String) -> [Int] { source.shape(of: name) ?? [] }
    let tokens = shape("text_model.embeddings.token_embedding.weight")
    guard file.contains(prefix + "token_embedding.weight"), tokens.count == 2 else { return nil }
    let width = tokens[1]
    let layers = "text_model.encoder.layers."
    var count = 0
    while source.contains("\(layers)\(count).layer_norm1.weight") { count += 1 }
    heads = max(1, width / 64)
    dimension = shape("text_projection.weight").first ?? width
    var shapes = CLIPTowerLayers.weightShapes(
      "text_model",
      CLIPConfiguration.Tower(
        width: width, hiddenWidth: shape("\(layers)0.mlp.fc1.weight").first ?? 4 * width,
        layerCount: count, headCount: heads, activation: .quickGELU, normalizationEpsilon: 1e-5))
    shapes["text_model.embeddings.token_embedding.weight"] = tokens
    shapes["text_model.embeddings.position_embedding.weight"] = [
      shape("text_model.embeddings.position_embedding.weight").first ?? 77, width,
    ]
    shapes["text_model.final_layer_norm.weight"] = [width]
    shapes["text_model.final_layer_norm.bias"] = [width]
    shapes["text_projection.weight"] = [dimension, width]
    weights = try shapes.reduce(into: [:]) { $0[$1.key] = try source.tensor($1.key, $1.value) }
  }
}
