import Foundation
import Tensors

/// What a folder with a sentence encoder of the BERT family holds; no weight is read.
struct BERTFolder {
  let modules: SentenceModules
  let configuration: BERTConfiguration
  let tokenizer: WordPieceTokenizer
  /// Under BERT's own names, whatever the checkpoint puts before them.
  let weights: WeightSource

  /// - Throws: `EncoderError` or `TensorError` that names the file.
  init(directory: URL) throws {
    modules = try SentenceModules(directory: directory)
    configuration = try BERTConfiguration(directory: modules.transformer)
    tokenizer = try WordPieceTokenizer(directory: modules.transformer)
    guard tokenizer.largestID < configuration.vocabularySize else {
      throw EncoderError.badConfiguration(
        path: modules.transformer.appendingPathComponent("config.json").path,
        found: "vocab_size \(configuration.vocabularySize)",
        expected: "more than the tokenizer's largest id \(tokenizer.largestID)")
    }
    let file = try WeightFiles(
      in: modules.transformer, names: WeightFiles.huggingFaceNames
    ).open()
    weights = WeightSource(file).strippingPrefix(
      ["", "bert.", "0.auto_model.", "model."], of: "embeddings.word_embeddings.weight")
  }

  /// Checks that every weight is there with its shape.
  ///
  /// - Throws: `EncoderError.missingWeight`, `.misshapenWeight`, `TensorError`.
  func checkWeights() throws {
    for (name, shape) in weightShapes.sorted(by: { $0.key < $1.key }) {
      try weights.check(name, shape)
    }
  }

  /// Every weight by name, with its shape.
  private var weightShapes: [String: [Int]] {
    let (width, hidden) = (configuration.width, configuration.hiddenWidth)
    var shapes = [
      "embeddings.word_embeddings.weight": [configuration.vocabularySize, width],
      "embeddings.token_type_embeddings.weight": [configuration.typeCount, width],
      "embeddings.position_embeddings.weight": [configuration.positionCount, width],
      "embeddings.LayerNorm.weight": [width], "embeddings.LayerNorm.bias": [width],
    ]
    let linears =
      ["query", "key", "value"].map { ("attention.self.\($0)", width, width) } + [
        ("attention.output.dense", width, width), ("intermediate.dense", width, hidden),
        ("output.dense", hidden, width),
      ]
    for index in 0..<configuration.layerCount {
      let layer = "encoder.layer.\(index)"
      for (linear, inputs, outputs) in linears {
        shapes["\(layer).\(linear).weight"] = [outputs, inputs]
        shapes["\(layer).\(linear).bias"] = [outputs]
      }
      for normalization in ["attention.output.LayerNorm", "output.LayerNorm"] {
        shapes["\(layer).\(normalization).weight"] = [width]
        shapes["\(layer).\(normalization).bias"] = [width]
      }
    }
    return shapes
  }
}
