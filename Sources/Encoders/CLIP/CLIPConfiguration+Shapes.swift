import Foundation
import Tensors

extension CLIPConfiguration {
  /// Reads the sizes off the tensors' shapes, for weights without a
  /// configuration file. What shapes do not tell is OpenAI's: heads of 64,
  /// QuickGELU, layer normalisation with 1e-5, the embedding read at the token with
  /// the highest id.
  ///
  /// - Throws: `EncoderError.missingWeight`, `.badConfiguration`.
  init(shapesOf weights: WeightSource) throws {
    let path = weights.file.url.path
    func shape(_ name: String, rank: Int) throws -> [Int] {
      guard let shape = weights.shape(of: name) else {
        throw EncoderError.fileMissing(
          folder: weights.file.url.deletingLastPathComponent().path, file: "config.json",
          remedy: "the sizes cannot be read off the weights either: "
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
