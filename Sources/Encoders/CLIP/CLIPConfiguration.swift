import Foundation
import Records
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
    let stored = try JSONRecord.read(Stored.self, from: url)
    guard stored.model_type == "clip" else {
      throw EncoderError.badConfiguration(
        path: url.path, found: "model_type '\(stored.model_type ?? "none")'",
        expected: "'clip', a model with both towers")
    }
    // An older place of the same values, which wins where it is there.
    let textPart = stored.text_config_dict ?? stored.text_config ?? Stored.Part()
    let visionPart = stored.vision_config_dict ?? stored.vision_config ?? Stored.Part()
    func bad(_ found: String, _ expected: String) -> EncoderError {
      .badConfiguration(path: url.path, found: found, expected: expected)
    }
    func tower(_ part: Stored.Part, name: String, width: Int, hidden: Int, heads: Int) throws
      -> Tower
    {
      let tower = Tower(
        width: part.hidden_size ?? width, hiddenWidth: part.intermediate_size ?? hidden,
        layerCount: part.num_hidden_layers ?? 12, headCount: part.num_attention_heads ?? heads,
        activation: try Self.activation(part.hidden_act ?? "quick_gelu", path: url.path),
        normalizationEpsilon: part.layer_norm_eps ?? 1e-5)
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
    vocabularySize = textPart.vocab_size ?? 49408
    maximumTokens = textPart.max_position_embeddings ?? 77
    endTokenID = textPart.eos_token_id ?? 49407
    imageSize = visionPart.image_size ?? 224
    patchSize = visionPart.patch_size ?? 32
    dimension = stored.projection_dim ?? 512
    guard visionPart.num_channels ?? 3 == 3 else {
      throw bad("num_channels \(visionPart.num_channels ?? 3)", "3")
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
      var hidden_size: Int?
      var intermediate_size: Int?
      var num_hidden_layers: Int?
      var num_attention_heads: Int?
      var hidden_act: String?
      var layer_norm_eps: Float?
      var vocab_size: Int?
      var max_position_embeddings: Int?
      var eos_token_id: Int?
      var image_size: Int?
      var patch_size: Int?
      var num_channels: Int?
    }
    var model_type: String?
    var projection_dim: Int?
    var text_config: Part?
    var text_config_dict: Part?
    var vision_config: Part?
    var vision_config_dict: Part?
  }
}
