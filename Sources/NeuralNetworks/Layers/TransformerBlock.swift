import Records
import Tensors

/// Multi-head attention: softmax(Q·Kᵀ/√(D/h))·V per head, joined by a linear layer
/// (Vaswani et al., 2017).
public struct MultiHeadAttention<Scalar: TensorScalar>: Module {
  private let query, key, value, output: Linear<Scalar>
  private let heads: Int

  /// A layer over given projections.
  public init(
    query: Linear<Scalar>, key: Linear<Scalar>, value: Linear<Scalar>, output: Linear<Scalar>,
    heads: Int
  ) {
    self.query = query
    self.key = key
    self.value = value
    self.output = output
    self.heads = heads
  }

  /// [n, L, D] to [n, L, D].
  ///
  /// - Parameter prefixLengths: how many keys, from the first, each query sees: L entries
  ///   (`1...L` is a causal mask).
  public func callAsFunction(_ x: Variable<Scalar>, prefixLengths: [Int]) -> Variable<Scalar> {
    let (count, length, width) = (x.shape[0], x.shape[1], x.shape[2])
    func split(_ y: Variable<Scalar>) -> Variable<Scalar> {
      y.reshaped([count, length, heads, width / heads]).swappingMiddleAxes()
    }
    let scale = 1 / Scalar(width / heads).squareRoot()
    let weights = split(query(x) * scale)
      .matrixMultiplied(by: split(key(x)), otherTransposed: true)
      .softmax(prefixLengths: prefixLengths)
    let mixed = weights.matrixMultiplied(by: split(value(x)))
    return output(mixed.swappingMiddleAxes().reshaped([count, length, width]))
  }

  public var parts: [(name: String, module: any Module<Scalar>)] {
    [("q_proj", query), ("k_proj", key), ("v_proj", value), ("out_proj", output)]
  }
}

/// A pre-norm transformer block, as CLIP's: x + attention(LN(x)), then
/// x + W₂·act(W₁·LN(x)). Parts have the names of Hugging Face's CLIP.
public struct TransformerBlock<Scalar: TensorScalar>: Module {
  private let norm1, norm2: LayerNorm<Scalar>
  private let attention: MultiHeadAttention<Scalar>
  private let expand, project: Linear<Scalar>
  private let usesQuickGELU: Bool

  /// A block over given layers; the activation is QuickGELU, or the exact GELU.
  public init(
    norm1: LayerNorm<Scalar>, attention: MultiHeadAttention<Scalar>, norm2: LayerNorm<Scalar>,
    expand: Linear<Scalar>, project: Linear<Scalar>, usesQuickGELU: Bool
  ) {
    self.norm1 = norm1
    self.norm2 = norm2
    self.attention = attention
    self.expand = expand
    self.project = project
    self.usesQuickGELU = usesQuickGELU
  }

  /// [n, L, D] to [n, L, D]; `prefixLengths` as in `MultiHeadAttention`.
  public func callAsFunction(_ x: Variable<Scalar>, prefixLengths: [Int]) -> Variable<Scalar> {
    let attended = x + attention(norm1(x), prefixLengths: prefixLengths)
    let hidden = expand(norm2(attended))
    return attended + project(usesQuickGELU ? hidden.quickGELU() : hidden.gelu())
  }

  public var parts: [(name: String, module: any Module<Scalar>)] {
    [
      ("layer_norm1", norm1), ("self_attn", attention), ("layer_norm2", norm2),
      ("mlp.fc1", expand), ("mlp.fc2", project),
    ]
  }
}
