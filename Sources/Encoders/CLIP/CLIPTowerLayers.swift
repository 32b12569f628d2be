import Tensors

/// The layers that CLIP's two towers have in common.
enum CLIPTowerLayers {
  /// Every weight of a tower's layers by name, with its shape.
  static func weightShapes(_ name: String, _ tower: CLIPConfiguration.Tower) -> [String: [Int]] {
    let (width, hidden) = (tower.width, tower.hiddenWidth)
    let linears =
      ["q_proj", "k_proj", "v_proj", "out_proj"].map { ("self_attn.\($0)", width, width) }
      + [("mlp.fc1", width, hidden), ("mlp.fc2", hidden, width)]
    var shapes: [String: [Int]] = [:]
    for index in 0..<tower.layerCount {
      let layer = "\(name).encoder.layers.\(index)"
      for normalization in ["layer_norm1", "layer_norm2"] {
        shapes["\(layer).\(normalization).weight"] = [width]
        shapes["\(layer).\(normalization).bias"] = [width]
      }
      for (linear, inputs, outputs) in linears {
        shapes["\(layer).\(linear).weight"] = [outputs, inputs]
        shapes["\(layer).\(linear).bias"] = [outputs]
      }
    }
    return shapes
  }

  /// How many layers at the input's end are kept out of 8 bits.
  ///
  /// Every later layer multiplies the rounding of the first: with one layer in 16 bits
  /// the largest error falls by two fifths, with the last one instead not at all
  /// (Documentation/precision.md has the figures).
  static let layersKeptFromInt8 = 1

  /// What a layer is computed in, where the tower is asked for in `arithmetic`.
  static func arithmetic(ofLayer index: Int, in arithmetic: LinearArithmetic) -> LinearArithmetic {
    guard arithmetic == .int8, index < layersKeptFromInt8 else { return arithmetic }
    return LinearArithmetic(for: .bf16)
  }

  static func stack(
    _ weights: WeightSource, _ name: String, _ tower: CLIPConfiguration.Tower, isCausal: Bool,
    _ arithmetic: LinearArithmetic
  ) throws -> TransformerStack {
    let width = tower.width
    let layers = try (0..<tower.layerCount).map { index in
      let layer = "\(name).encoder.layers.\(index)"
      let attention = "\(layer).self_attn"
      let arithmetic = Self.arithmetic(ofLayer: index, in: arithmetic)
      return TransformerStack.Layer(
        attentionInput: try weights.joined(
          ["q_proj", "k_proj", "v_proj"].map { "\(attention).\($0)" }, inputs: width,
          outputs: width, arithmetic),
        attentionOutput: try weights.linear(
          "\(attention).out_proj", inputs: width, outputs: width, arithmetic),
        attentionNormalization: try weights.normalization(
          "\(layer).layer_norm1", width: width, epsilon: tower.normalizationEpsilon),
        feedForward: FeedForwardLayers(
          expansion: try weights.linear(
            "\(layer).mlp.fc1", inputs: width, outputs: tower.hiddenWidth, arithmetic),
          activation: tower.activation,
          contraction: try weights.linear(
            "\(layer).mlp.fc2", inputs: tower.hiddenWidth, outputs: width, arithmetic)),
        feedForwardNormalization: try weights.normalization(
          "\(layer).layer_norm2", width: width, epsilon: tower.normalizationEpsilon))
    }
    return TransformerStack(
      width: width, heads: tower.headCount, isCausal: isCausal, order: .normalizeFirst,
      layers: layers)
  }
}
