import Foundation
import Tensors

/// The sizes of a CLIP model, as `config.json` of a Hugging Face checkpoint states them.
public struct CLIPConfiguration: Sendable, Equatable {
  /// One of the two transformers.
  public struct Tower: Sendable, Equatable {
    public var width: Int
    public var hiddenWidth: Int
    public var layerCount: Int
    public var headCount: Int
    public var activation: RowActivation
    public var normalizationEpsilon: Float
  }

  public var text: Tower
  public var vision: Tower
  public var vocabularySize: Int
  /// The longest sequence of tokens, special tokens included.
  public var maximumTokens: Int
  /// As in the file: 2 is the mark of older checkpoints, whose true end token
  /// is the one with the highest id.
  public var endTokenID: Int
  /// Height and width of the pictures that the vision tower sees, in pixels.
  public var imageSize: Int
  public var patchSize: Int
  /// The width of both kinds of embedding.
  public var dimension: Int

  /// Reads `config.json` of a model folder.
  ///
  /// What the file leaves out has the value that transformers gives it (the
  /// sizes of ViT-B/32).
  ///
  /// - Throws: `EncoderError.fileMissing`, `.badConfiguration`.
  public init(directory: URL) throws {
    let url = directory.appendingPathComponent("config.json")
    guard FileManager.default.fileExists(atPath: url.path) else {
      throw EncoderError.fileMissing(
        folder: directory.path, file: "config.json", remedy: "name a folder with a CLIP model")
    }
    let stored = try ConfigurationFile.read(Stored.self, from: url)
    guard stored.modelType == "clip" else {
      throw EncoderError.badConfiguration(
        path: url.path, found: "model_type '\(stored.modelType ?? "none")'",
        expected: "'clip', a model with both towers")
    }
    // An older place of the same values, which wins where it is there.
    let textPart = stored.textConfigDict ?? stored.textConfig ?? Stored.Part()
    let visionPart = stored.visionConfigDict ?? stored.visionConfig ?? Stored.Part()
    func bad(_ found: String, _ expected: String) -> EncoderError {
      .badConfiguration(path: url.path, found: found, expected: expected)
    }
    func tower(_ part: Stored.Part, name: String, width: Int, hidden: Int, heads: Int) throws
      -> Tower
    {
      let tower = Tower(
        width: part.hiddenSize ?? width, hiddenWidth: part.intermediateSize ?? hidden,
        layerCount: part.numHiddenLayers ?? 12, headCount: part.numAttentionHeads ?? heads,
        activation: try Self.activation(part.hiddenAct ?? "quick_gelu", path: url.path),
        normalizationEpsilon: part.layerNormEps ?? 1e-5)
      let sizes = [tower.width, tower.hiddenWidth, tower.layerCount, tower.headCount]
      guard sizes.allSatisfy({ (1...1 << 20).contains($0) }) else {
        throw bad("\(name) sizes \(sizes)", "numbers from 1 to 1048576")
      }
      guard tower.width % tower.headCount == 0 else {
        throw bad(
          "\(name) hidden_size \(tower.width)", "a multiple of its \(tower.headCount) heads")
      }
      return tower
    }
    text = try tower(textPart, name: "text_config", width: 512, hidden: 2048, heads: 8)
    vision = try tower(visionPart, name: "vision_config", width: 768, hidden: 3072, heads: 12)
    vocabularySize = textPart.vocabSize ?? 49408
    maximumTokens = textPart.maxPositionEmbeddings ?? 77
    endTokenID = textPart.eosTokenId ?? 49407
    imageSize = visionPart.imageSize ?? 224
    patchSize = visionPart.patchSize ?? 32
    dimension = stored.projectionDim ?? 512
    guard visionPart.numChannels ?? 3 == 3 else {
      throw bad("num_channels \(visionPart.numChannels ?? 3)", "3")
    }
    let sizes = [vocabularySize, maximumTokens, imageSize, patchSize, dimension]
    guard sizes.allSatisfy({ (1...1 << 24).contains($0) }), patchSize <= imageSize,
      maximumTokens >= 2
    else {
      throw bad(
        "vocab_size, max_position_embeddings, image_size, patch_size, projection_dim \(sizes)",
        "positive numbers, at least 2 positions, and patches no larger than the image")
    }
  }

  static func activation(_ name: String, path: String) throws -> RowActivation {
    guard let activation = RowActivation(rawValue: name) else {
      throw EncoderError.badConfiguration(
        path: path, found: "hidden_act '\(name)'",
        expected: "one of \(RowActivation.allCases.map(\.rawValue).joined(separator: ", "))")
    }
    return activation
  }

  /// The file's own keys.
  private struct Stored: Decodable {
    struct Part: Decodable {
      var hiddenSize: Int?
      var intermediateSize: Int?
      var numHiddenLayers: Int?
      var numAttentionHeads: Int?
      var hiddenAct: String?
      var layerNormEps: Float?
      var vocabSize: Int?
      var maxPositionEmbeddings: Int?
      var eosTokenId: Int?
      var imageSize: Int?
      var patchSize: Int?
      var numChannels: Int?
    }
    var modelType: String?
    var projectionDim: Int?
    var textConfig: Part?
    var textConfigDict: Part?
    var visionConfig: Part?
    var visionConfigDict: Part?
  }
}
