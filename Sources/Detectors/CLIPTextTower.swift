import NeuralNetworks
import Tensors

/// The numbers of a CLIP text tower that its tensors do not tell, as in the
/// `text_config` of a checkpoint.
public struct CLIPTextTowerConfiguration: Codable, Sendable, Equatable {
  /// Attention heads.
  public var heads: Int
  /// `quick_gelu` or `gelu`.
  public var activation: String
  /// What layer normalisation adds to the variance.
  public var layerNormEpsilon: Double
  /// The token that starts a text.
  public var startToken: Int
  /// The token that ends a text, where the embedding is read.
  public var endToken: Int

  public init(
    heads: Int = 8, activation: String = "quick_gelu", layerNormEpsilon: Double = 1e-5,
    startToken: Int = 49406, endToken: Int = 49407
  ) {
    self.heads = heads
    self.activation = activation
    self.layerNormEpsilon = layerNormEpsilon
    self.startToken = startToken
    self.endToken = endToken
  }
}

/// A frozen CLIP text tower (Radford et al., 2021) on the tape: gradients pass
/// through it to its input embeddings. Keys as in Hugging Face's checkpoints.
struct CLIPTextTower<Scalar: TensorScalar> {
  let width: Int
  let outputWidth: Int
  let maximumTokens: Int
  private let tokens: Tensor<Scalar>
  private let positions: Tensor<Scalar>
  private let blocks: [TransformerBlock<Scalar>]
  private let finalNorm: LayerNorm<Scalar>
  private let projection: Linear<Scalar>

  /// - Throws: `DetectorError.badTextTower` for a missing or ill-shaped tensor,
  ///   or an activation other than `quick_gelu` and `gelu`.
  init(tensors: [String: Tensor<Float>], configuration: CLIPTextTowerConfiguration) throws {
    func constant(_ name: String, rank: Int) throws -> Variable<Scalar> {
      guard let tensor = tensors[name] else {
        throw DetectorError.badTextTower(reason: "no tensor '\(name)'")
      }
      guard tensor.rank == rank else {
        throw DetectorError.badTextTower(reason: "'\(name)' has the shape \(tensor.shape)")
      }
      return Variable(tensor.converted(to: Scalar.self))
    }
    func linear(_ name: String) throws -> Linear<Scalar> {
      Linear(
        weight: try constant(name + ".weight", rank: 2),
        bias: try constant(name + ".bias", rank: 1))
    }
    func norm(_ name: String) throws -> LayerNorm<Scalar> {
      LayerNorm(
        weight: try constant(name + ".weight", rank: 1),
        bias: try constant(name + ".bias", rank: 1),
        epsilon: Scalar(configuration.layerNormEpsilon))
    }
    guard ["quick_gelu", "gelu"].contains(configuration.activation) else {
      throw DetectorError.badTextTower(
        reason: "activation '\(configuration.activation)', expected quick_gelu or gelu")
    }
    tokens = try constant("text_model.embeddings.token_embedding.weight", rank: 2).value
    positions = try constant("text_model.embeddings.position_embedding.weight", rank: 2).value
    width = tokens.shape[1]
    maximumTokens = positions.shape[0]
    let heads = configuration.heads
    guard heads > 0, width % heads == 0, positions.shape[1] == width else {
      throw DetectorError.badTextTower(
        reason: "width \(width) with \(heads) heads and positions \(positions.shape)")
    }
    var blocks: [TransformerBlock<Scalar>] = []
    while true {
      let path = "text_model.encoder.layers.\(blocks.count)."
      guard tensors[path + "layer_norm1.weight"] != nil else { break }
      blocks.append(
        TransformerBlock(
          norm1: try norm(path + "layer_norm1"),
          attention: MultiHeadAttention(
            query: try linear(path + "self_attn.q_proj"),
            key: try linear(path + "self_attn.k_proj"),
            value: try linear(path + "self_attn.v_proj"),
            output: try linear(path + "self_attn.out_proj"), heads: heads),
          norm2: try norm(path + "layer_norm2"), expand: try linear(path + "mlp.fc1"),
          project: try linear(path + "mlp.fc2"),
          usesQuickGELU: configuration.activation == "quick_gelu"))
    }
    guard !blocks.isEmpty else {
      throw DetectorError.badTextTower(reason: "no tensor 'text_model.encoder.layers.0...'")
    }
    self.blocks = blocks
    finalNorm = try norm("text_model.final_layer_norm")
    projection = Linear(weight: try constant("text_projection.weight", rank: 2), bias: nil)
    outputWidth = projection.weight.shape[0]
  }

  /// The embeddings of token ids, [n, width].
  ///
  /// - Throws: `DetectorError.badTextTower` for an id beyond the table.
  func embed(_ ids: [Int]) throws -> Tensor<Scalar> {
    if let id = ids.first(where: { !(0..<tokens.shape[0] ~= $0) }) {
      throw DetectorError.badTextTower(reason: "token \(id) of \(tokens.shape[0])")
    }
    return Variable(tokens).rows(ids).value
  }

  /// Token embeddings [n, L, width] to text embeddings [n, outputWidth], each read
  /// at its own end position. Attention is causal, so what follows the end counts
  /// for nothing.
  func callAsFunction(_ embeddings: Variable<Scalar>, ends: [Int]) -> Variable<Scalar> {
    let (count, length) = (embeddings.shape[0], embeddings.shape[1])
    let places = Tensor<Scalar>.stacked(
      Array(repeating: positions[rows: 0..<length], count: count))
    var x = embeddings + Variable(places)
    for block in blocks { x = block(x, prefixLengths: Array(1...length)) }
    let rows = ends.enumerated().map { $0.offset * length + $0.element }
    return projection(finalNorm(x.reshaped([count * length, width]).rows(rows)))
  }
}
