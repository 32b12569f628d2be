import Foundation
import Tensors

/// The sizes of a BERT encoder, as `config.json` of a Hugging Face checkpoint states them.
package struct BERTConfiguration: Sendable, Equatable {
  package var width: Int
  package var hiddenWidth: Int
  package var layerCount: Int
  package var headCount: Int
  package var activation: RowActivation
  package var normalizationEpsilon: Float
  package var vocabularySize: Int
  package var positionCount: Int
  package var typeCount: Int

  /// Reads `config.json` of a model folder.
  ///
  /// - Throws: `EncoderError.fileMissing`, `.badConfiguration` for another
  ///   architecture than BERT's own.
  package init(directory: URL) throws {
    let url = directory.appendingPathComponent("config.json")
    guard FileManager.default.fileExists(atPath: url.path) else {
      throw EncoderError.fileMissing(
        folder: directory.path, file: "config.json", remedy: "name a folder with a BERT model")
    }
    let stored = try ConfigurationFile.read(Stored.self, from: url)
    func bad(_ found: String, _ expected: String) -> EncoderError {
      .badConfiguration(path: url.path, found: found, expected: expected)
    }
    guard stored.modelType == "bert" else {
      throw bad(
        "model_type '\(stored.modelType ?? "none")'", "'bert' (all-MiniLM-L6-v2 is one)")
    }
    guard stored.positionEmbeddingType ?? "absolute" == "absolute" else {
      throw bad("position_embedding_type '\(stored.positionEmbeddingType ?? "")'", "'absolute'")
    }
    width = stored.hiddenSize ?? 768
    hiddenWidth = stored.intermediateSize ?? 3072
    layerCount = stored.numHiddenLayers ?? 12
    headCount = stored.numAttentionHeads ?? 12
    activation = try CLIPConfiguration.activation(stored.hiddenAct ?? "gelu", path: url.path)
    normalizationEpsilon = stored.layerNormEps ?? 1e-12
    vocabularySize = stored.vocabSize ?? 30522
    positionCount = stored.maxPositionEmbeddings ?? 512
    typeCount = stored.typeVocabSize ?? 2
    let sizes = [
      width, hiddenWidth, layerCount, headCount, vocabularySize, positionCount, typeCount,
    ]
    guard sizes.allSatisfy({ (1...1 << 24).contains($0) }), width % headCount == 0 else {
      throw bad("sizes \(sizes)", "positive numbers, with hidden_size a multiple of the heads")
    }
  }

  /// The file's own keys.
  private struct Stored: Decodable {
    var modelType: String?
    var positionEmbeddingType: String?
    var hiddenSize: Int?
    var intermediateSize: Int?
    var numHiddenLayers: Int?
    var numAttentionHeads: Int?
    var hiddenAct: String?
    var layerNormEps: Float?
    var vocabSize: Int?
    var maxPositionEmbeddings: Int?
    var typeVocabSize: Int?
  }
}

/// The contents of a folder with a sentence encoder of the BERT family; no weight is read.
struct BERTFolder {
  let modules: SentenceModules
  let configuration: BERTConfiguration
  let tokenizer: WordPieceTokenizer
  /// The weights under BERT's own names, without the checkpoint's prefix.
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

  /// Checks that every weight exists with its shape.
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
