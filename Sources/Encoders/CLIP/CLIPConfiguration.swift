import Foundation
import Tensors

/// The sizes of a CLIP model, as a checkpoint's configuration file or the shapes of its
/// weights state them.
package struct CLIPConfiguration: Sendable, Equatable {
  /// One of the two transformers.
  package struct Tower: Sendable, Equatable {
    package var width: Int
    package var hiddenWidth: Int
    package var layerCount: Int
    package var headCount: Int
    package var activation: RowActivation
    package var normalizationEpsilon: Float
  }

  package var text: Tower
  package var vision: Tower
  package var vocabularySize: Int
  /// The longest sequence of tokens, special tokens included.
  package var maximumTokens: Int
  /// As in the file: 2 is the mark of older checkpoints, whose true end token
  /// is the one with the highest id.
  package var endTokenID: Int
  /// Height and width of the vision tower's input, in pixels.
  package var imageSize: Int
  package var patchSize: Int
  /// The width of both kinds of embedding.
  package var dimension: Int

  /// Reads the file that states the sizes of a folder's model, or the shapes of its weights
  /// where there is no such file.
  ///
  /// - Throws: `EncoderError`.
  init(_ folder: CLIPFolder) throws {
    switch folder.configurationSource {
    case .huggingFace: try self.init(directory: folder.directory)
    case .openCLIP:
      try self.init(openCLIP: folder.directory.appendingPathComponent(CLIPFolder.openCLIPFile))
    case .shapes: try self.init(shapesOf: folder.weights)
    }
  }

  /// - Parameter path: the file that the sizes come from, for errors.
  /// - Throws: `EncoderError.badConfiguration` for impossible sizes.
  init(
    text: Tower, vision: Tower, vocabularySize: Int, maximumTokens: Int, endTokenID: Int,
    imageSize: Int, patchSize: Int, dimension: Int, path: String
  ) throws {
    func bad(_ found: String, _ expected: String) -> EncoderError {
      .badConfiguration(path: path, found: found, expected: expected)
    }
    for (name, tower) in [("text", text), ("vision", vision)] {
      let sizes = [tower.width, tower.hiddenWidth, tower.layerCount, tower.headCount]
      guard sizes.allSatisfy({ (1...1 << 20).contains($0) }) else {
        throw bad(
          "\(name) tower: width, hidden width, layers, heads \(sizes)",
          "numbers from 1 to 1048576")
      }
      guard tower.width % tower.headCount == 0 else {
        throw bad("\(name) width \(tower.width)", "a multiple of its \(tower.headCount) heads")
      }
    }
    let sizes = [vocabularySize, maximumTokens, imageSize, patchSize, dimension]
    guard sizes.allSatisfy({ (1...1 << 24).contains($0) }), patchSize <= imageSize,
      maximumTokens >= 2
    else {
      throw bad(
        "vocabulary, positions, image size, patch size, dimension \(sizes)",
        "positive numbers, at least 2 positions, and patches no larger than the image")
    }
    self.text = text
    self.vision = vision
    self.vocabularySize = vocabularySize
    self.maximumTokens = maximumTokens
    self.endTokenID = endTokenID
    self.imageSize = imageSize
    self.patchSize = patchSize
    self.dimension = dimension
  }

  /// Whether the folder's `config.json` is that of a CLIP with both towers.
  static func isStated(in directory: URL) -> Bool {
    let url = directory.appendingPathComponent("config.json")
    return (try? ConfigurationFile.read(Stored.self, from: url))?.modelType == "clip"
  }

  /// Reads `config.json` of a model folder.
  ///
  /// Missing keys have the defaults of transformers (the sizes of ViT-B/32).
  ///
  /// - Throws: `EncoderError.fileMissing`, `.badConfiguration`.
  private init(directory: URL) throws {
    let url = directory.appendingPathComponent("config.json")
    let stored = try ConfigurationFile.read(Stored.self, from: url)
    guard stored.modelType == "clip" else {
      throw EncoderError.badConfiguration(
        path: url.path, found: "model_type '\(stored.modelType ?? "none")'",
        expected: "'clip', a model with both towers")
    }
    // An older key of the same values, which wins where it exists.
    let textPart = stored.textConfigDict ?? stored.textConfig ?? Stored.Part()
    let visionPart = stored.visionConfigDict ?? stored.visionConfig ?? Stored.Part()
    guard visionPart.numChannels ?? 3 == 3 else {
      throw EncoderError.badConfiguration(
        path: url.path, found: "num_channels \(visionPart.numChannels ?? 3)", expected: "3")
    }
    func tower(_ part: Stored.Part, width: Int, hidden: Int, heads: Int) throws -> Tower {
      Tower(
        width: part.hiddenSize ?? width, hiddenWidth: part.intermediateSize ?? hidden,
        layerCount: part.numHiddenLayers ?? 12, headCount: part.numAttentionHeads ?? heads,
        activation: try Self.activation(part.hiddenAct ?? "quick_gelu", path: url.path),
        normalizationEpsilon: part.layerNormEps ?? 1e-5)
    }
    try self.init(
      text: tower(textPart, width: 512, hidden: 2048, heads: 8),
      vision: tower(visionPart, width: 768, hidden: 3072, heads: 12),
      vocabularySize: textPart.vocabSize ?? 49408,
      maximumTokens: textPart.maxPositionEmbeddings ?? 77,
      endTokenID: textPart.eosTokenId ?? 49407, imageSize: visionPart.imageSize ?? 224,
      patchSize: visionPart.patchSize ?? 32, dimension: stored.projectionDim ?? 512,
      path: url.path)
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

extension CLIPConfiguration {
  /// Derives the sizes from the tensors' shapes, for weights without a configuration file.
  /// Settings that shapes do not determine are OpenAI's: heads of 64, QuickGELU, layer
  /// normalisation with 1e-5, the embedding read at the token with the highest id.
  ///
  /// - Throws: `EncoderError.missingWeight`, `.badConfiguration`.
  init(shapesOf weights: WeightSource) throws {
    let path = weights.file.url.path
    func shape(_ name: String, rank: Int) throws -> [Int] {
      guard let shape = weights.shape(of: name) else {
        throw EncoderError.fileMissing(
          folder: weights.file.url.deletingLastPathComponent().path, file: "config.json",
          remedy: "the sizes cannot be derived from the weights either: "
            + "\(weights.file.url.lastPathComponent) has no '\(name)' of CLIP")
      }
      guard shape.count == rank, shape.allSatisfy({ $0 > 0 }) else {
        throw EncoderError.badConfiguration(
          path: path, found: "'\(name)' of shape \(shape)", expected: "\(rank) extents")
      }
      return shape
    }
    func tower(_ name: String, width: Int) throws -> Tower {
      var layers = 0
      while weights.contains("\(name).encoder.layers.\(layers).layer_norm1.weight") { layers += 1 }
      let hidden = try shape("\(name).encoder.layers.0.mlp.fc1.weight", rank: 2)[0]
      guard width.isMultiple(of: 64) else {
        throw EncoderError.badConfiguration(
          path: path, found: "a \(name) of width \(width) and no configuration file",
          expected: "a multiple of 64; add config.json or open_clip_config.json")
      }
      return Tower(
        width: width, hiddenWidth: hidden, layerCount: layers, headCount: width / 64,
        activation: .quickGELU, normalizationEpsilon: 1e-5)
    }
    let patches = try shape("vision_model.embeddings.patch_embedding.weight", rank: 4)
    let places = try shape("vision_model.embeddings.position_embedding.weight", rank: 2)[0]
    let grid = Int(Double(places - 1).squareRoot().rounded())
    guard grid * grid == places - 1, patches[2] == patches[3], patches[2] <= 1 << 12 else {
      throw EncoderError.badConfiguration(
        path: path, found: "\(places) positions for patches of \(patches[2])x\(patches[3])",
        expected: "a square picture of square patches")
    }
    let tokens = try shape("text_model.embeddings.token_embedding.weight", rank: 2)
    let positions = try shape("text_model.embeddings.position_embedding.weight", rank: 2)
    try self.init(
      text: tower("text_model", width: tokens[1]),
      vision: tower("vision_model", width: patches[0]),
      vocabularySize: tokens[0], maximumTokens: positions[0], endTokenID: 2,
      imageSize: grid * patches[2], patchSize: patches[2],
      dimension: shape("text_projection.weight", rank: 2)[0], path: path)
  }
}
