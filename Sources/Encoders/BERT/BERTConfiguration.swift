import Foundation
import Tensors

/// The sizes of a BERT encoder, as `config.json` of a Hugging Face checkpoint states them.
public struct BERTConfiguration: Sendable, Equatable {
  public var width: Int
  public var hiddenWidth: Int
  public var layerCount: Int
  public var headCount: Int
  public var activation: RowActivation
  public var normalizationEpsilon: Float
  public var vocabularySize: Int
  public var positionCount: Int
  public var typeCount: Int

  /// Reads `config.json` of a model folder.
  ///
  /// - Throws: `EncoderError.fileMissing`, `.badConfiguration` for another
  ///   architecture than BERT's own.
  public init(directory: URL) throws {
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
