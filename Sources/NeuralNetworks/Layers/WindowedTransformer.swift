import Records
import Tensors

/// Attention with one head within windows of time: softmax(Q·Kᵀ/√D)·V of each window by
/// itself, joined by a linear layer. Parameter names are those of
/// `torch.nn.MultiheadAttention`.
///
/// Equal to attention over the whole sequence under a block-diagonal mask, without the
/// products that the mask throws away.
public struct WindowedAttention<Scalar: TensorScalar>: Module {
  let projections, output: Linear<Scalar>
  private let window: Int

  public init(_ width: Int, window: Int, generator: inout SeededGenerator) {
    // As in PyTorch: Glorot's start for the three projections, biases of 0.
    projections = Linear(
      weight: Variable(
        Initialization.xavierUniform([3 * width, width], generator: &generator),
        requiresGradient: true),
      bias: Variable(Tensor(shape: [3 * width]), requiresGradient: true))
    let joined = Linear<Scalar>(width, width, bias: false, generator: &generator)
    output = Linear(
      weight: joined.weight, bias: Variable(Tensor(shape: [width]), requiresGradient: true))
    self.window = window
  }

  /// [B, T, D] to [B, T, D].
  ///
  /// - Parameter lengths: how many steps of each sequence are keys; T for all.
  public func callAsFunction(_ x: Variable<Scalar>, lengths: [Int]) -> Variable<Scalar> {
    let (count, steps, width) = (x.shape[0], x.shape[1], x.shape[2])
    let windows = (steps + window - 1) / window
    let padded = x.paddedTime(to: windows * window)
    let all = projections(padded.reshaped([count * windows, window, width]))
    let scale = 1 / Scalar(width).squareRoot()
    let weights = (all.columns(0..<width) * scale)
      .matrixMultiplied(by: all.columns(width..<2 * width), otherTransposed: true)
      .softmax(
        prefixLengths: lengths.flatMap { length in
          (0..<windows).flatMap { index in
            repeatElement(min(max(min(length, steps) - index * window, 0), window), count: window)
          }
        })
    let mixed = weights.matrixMultiplied(by: all.columns(2 * width..<3 * width))
    return output(mixed.reshaped([count, windows * window, width]).droppingTime(beyond: steps))
  }

  public var ownParameters: [(name: String, variable: Variable<Scalar>)] {
    projections.ownParameters.map { ("in_proj_" + $0.name, $0.variable) }
  }

  public var parts: [(name: String, module: any Module<Scalar>)] { [("out_proj", output)] }
}

/// Pre-norm transformer layers over windows of time, VadCLIP's local module:
/// x + attention(LN(x)), then x + MLP(LN(x)). Parameter names are VadCLIP's.
public struct WindowedTransformer<Scalar: TensorScalar>: Module {
  struct Layer: Module {
    let norm1, norm2: LayerNorm<Scalar>
    let attention: WindowedAttention<Scalar>
    let mlp: FeedForward<Scalar>

    var parts: [(name: String, module: any Module<Scalar>)] {
      [("ln_1", norm1), ("attn", attention), ("ln_2", norm2), ("mlp", mlp)]
    }
  }

  let layers: [Layer]
  let window: Int

  public init(width: Int, layers: Int, window: Int, generator: inout SeededGenerator) {
    self.window = window
    self.layers = (0..<layers).map { _ in
      Layer(
        norm1: LayerNorm(width), norm2: LayerNorm(width),
        attention: WindowedAttention(width, window: window, generator: &generator),
        mlp: FeedForward(width, generator: &generator))
    }
  }

  /// [B, T, D] to [B, T, D]; where the mask leaks, padded rows are keys too.
  public func callAsFunction(_ x: Variable<Scalar>, mask: PaddingMask) -> Variable<Scalar> {
    let keys =
      mask.leaks ? Array(repeating: x.shape[1], count: mask.lengths.count) : mask.lengths
    return layers.reduce(x) { x, layer in
      let attended = x + layer.attention(layer.norm1(x), lengths: keys)
      return mask(attended + layer.mlp(layer.norm2(attended)))
    }
  }

  public var parts: [(name: String, module: any Module<Scalar>)] {
    layers.enumerated().map { ("resblocks.\($0.offset)", $0.element) }
  }
}
