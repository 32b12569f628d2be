import Tensors
import Video

/// CLIP's Vision Transformer and its projection.
struct CLIPVisionTower: Sendable {
  private let configuration: CLIPConfiguration
  private let stack: TransformerStack
  /// From 3 · patch · patch to the width.
  private let patchEmbedding: LinearLayer
  /// [width]
  private let classEmbedding: Tensor<Float>
  /// [1 + patches, width]
  private let positions: Tensor<Float>
  private let firstNormalization: NormalizationWeights
  private let lastNormalization: NormalizationWeights
  /// From the width to the dimension, in f32.
  private let projection: LinearLayer

  init(_ weights: WeightSource, _ configuration: CLIPConfiguration, _ arithmetic: LinearArithmetic)
    throws
  {
    let tower = configuration.vision
    let width = tower.width
    let patch = configuration.patchSize
    self.configuration = configuration
    let embeddings = "vision_model.embeddings"
    // The two ends of the tower matter most for accuracy and cost least: with 8 bits they
    // stay in f32.
    patchEmbedding = try LinearLayer(
      weight: try weights.tensor(
        "\(embeddings).patch_embedding.weight", [width, 3, patch, patch]
      ).reshaped([width, 3 * patch * patch]),
      arithmetic: arithmetic == .int8 ? .f32 : arithmetic)
    classEmbedding = try weights.tensor("\(embeddings).class_embedding", [width])
    let grid = configuration.imageSize / patch
    positions = try weights.tensor(
      "\(embeddings).position_embedding.weight", [grid * grid + 1, width])
    let epsilon = tower.normalizationEpsilon
    // The checkpoints' own spelling.
    firstNormalization = try weights.normalization(
      "vision_model.pre_layrnorm", width: width, epsilon: epsilon)
    lastNormalization = try weights.normalization(
      "vision_model.post_layernorm", width: width, epsilon: epsilon)
    projection = try LinearLayer(
      weight: try weights.tensor(
        "visual_projection.weight", [configuration.dimension, width]), arithmetic: .f32)
    stack = try CLIPTowerLayers.stack(weights, "vision_model", tower, isCausal: false, arithmetic)
  }

  /// Every weight of the tower by name, with its shape.
  static func weightShapes(_ configuration: CLIPConfiguration) -> [String: [Int]] {
    let (width, patch) = (configuration.vision.width, configuration.patchSize)
    let grid = configuration.imageSize / patch
    let own = [
      "vision_model.embeddings.patch_embedding.weight": [width, 3, patch, patch],
      "vision_model.embeddings.class_embedding": [width],
      "vision_model.embeddings.position_embedding.weight": [grid * grid + 1, width],
      "vision_model.pre_layrnorm.weight": [width], "vision_model.pre_layrnorm.bias": [width],
      "vision_model.post_layernorm.weight": [width],
      "vision_model.post_layernorm.bias": [width],
      "visual_projection.weight": [configuration.dimension, width],
    ]
    return CLIPTowerLayers.weightShapes("vision_model", configuration.vision)
      .merging(own) { own, _ in own }
  }

  /// The projected class-token outputs, [n, dimension].
  func encode(_ images: [RGBImage], processor: CLIPImageProcessor) throws -> Tensor<Float> {
    let length = positions.shape[0]
    let dimension = configuration.dimension
    return try Tensor(shape: [images.count, dimension]) { output in
      // Each batch writes its own rows.
      nonisolated(unsafe) let output = output
      try SequenceBatches.forEach(Array(repeating: length, count: images.count)) {
        batch, _, workspace in
        guard let output = output.baseAddress else { return }
        try encode(
          images[batch], processor: processor, into: output + batch.lowerBound * dimension,
          workspace)
      }
    }
  }

  private func encode(
    _ images: ArraySlice<RGBImage>, processor: CLIPImageProcessor,
    into output: UnsafeMutablePointer<Float>, _ workspace: LinearWorkspace
  ) throws {
    let width = configuration.vision.width
    let length = positions.shape[0]
    let patchCount = length - 1
    let patchWidth = patchEmbedding.inputs
    let rows = images.count * length
    let states = UnsafeMutablePointer<Float>.allocate(capacity: rows * width)
    defer { states.deallocate() }
    let patches = UnsafeMutablePointer<Float>.allocate(capacity: patchCount * patchWidth)
    defer { patches.deallocate() }
    for (index, image) in images.enumerated() {
      try processor.fillPatches(of: image, size: configuration.patchSize, into: patches)
      let first = states + index * length * width
      try patchEmbedding.apply(
        patches, rows: patchCount, into: first + width, workspace: workspace)
      classEmbedding.scalars.withUnsafeBufferPointer { token in
        for column in 0..<width { first[column] = token[column] }
      }
      positions.scalars.withUnsafeBufferPointer { position in
        for element in 0..<length * width { first[element] += position[element] }
      }
    }
    firstNormalization.apply(states, rows: rows, into: states)
    // The projection reads only the class tokens.
    let lengths = Array(repeating: length, count: images.count)
    try stack.apply(
      states, lengths: lengths, keeping: SequenceBatches.starts(of: lengths),
      workspace: workspace)
    lastNormalization.apply(states, rows: images.count, into: states)
    try projection.apply(states, rows: images.count, into: output, workspace: workspace)
  }
}

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

  /// How many layers at the input's end do not use 8 bits.
  ///
  /// Later layers amplify the rounding of the first: with the first layer in 16 bits the
  /// largest error falls by two fifths, with the last layer in 16 bits not at all
  /// (see Documentation/precision.md).
  static let layersKeptFromInt8 = 1

  /// The arithmetic of a layer in a tower of `arithmetic`.
  ///
  /// The layers kept from int8 use half precision, or f32 where the processor has none:
  /// bfloat16's 7 bits there lost the neighbours of 2 of 128 rows (AVX-512 BF16, Zen 5).
  static func arithmetic(ofLayer index: Int, in arithmetic: LinearArithmetic) -> LinearArithmetic {
    guard arithmetic == .int8, index < layersKeptFromInt8 else { return arithmetic }
    let sixteenBits = LinearArithmetic(for: .bf16)
    return sixteenBits == .bf16 ? .f32 : sixteenBits
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
