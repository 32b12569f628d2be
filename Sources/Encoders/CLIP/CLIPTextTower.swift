import Tensors

/// CLIP's text transformer and its projection.
struct CLIPTextTower: Sendable {
  private let configuration: CLIPConfiguration
  private let stack: TransformerStack
  /// [vocabulary, width]
  private let tokens: Tensor<Float>
  /// [positions, width]
  private let positions: Tensor<Float>
  private let lastNormalization: NormalizationWeights
  /// From the width to the dimension, in f32.
  private let projection: LinearLayer

  init(_ weights: WeightSource, _ configuration: CLIPConfiguration, _ arithmetic: LinearArithmetic)
    throws
  {
    let tower = configuration.text
    self.configuration = configuration
    tokens = try weights.tensor(
      "text_model.embeddings.token_embedding.weight", [configuration.vocabularySize, tower.width])
    positions = try weights.tensor(
      "text_model.embeddings.position_embedding.weight",
      [configuration.maximumTokens, tower.width])
    lastNormalization = try weights.normalization(
      "text_model.final_layer_norm", width: tower.width, epsilon: tower.normalizationEpsilon)
    projection = try LinearLayer(
      weight: try weights.tensor(
        "text_projection.weight", [configuration.dimension, tower.width]), arithmetic: .f32)
    stack = try CLIPTowerLayers.stack(weights, "text_model", tower, isCausal: true, arithmetic)
  }

  /// Every weight of the tower by name, with its shape.
  static func weightShapes(_ configuration: CLIPConfiguration) -> [String: [Int]] {
    let width = configuration.text.width
    let own = [
      "text_model.embeddings.token_embedding.weight": [configuration.vocabularySize, width],
      "text_model.embeddings.position_embedding.weight": [configuration.maximumTokens, width],
      "text_model.final_layer_norm.weight": [width], "text_model.final_layer_norm.bias": [width],
      "text_projection.weight": [configuration.dimension, width],
    ]
    return CLIPTowerLayers.weightShapes("text_model", configuration.text)
      .merging(own) { own, _ in own }
  }

  /// The projected end-token outputs, [n, dimension].
  ///
  /// - Precondition: no sequence is empty or longer than the positions, and
  ///   every id is within the vocabulary.
  func encode(_ sequences: [[Int]]) throws -> Tensor<Float> {
    let dimension = configuration.dimension
    return try Tensor(shape: [sequences.count, dimension]) { output in
      // Each batch writes its own rows.
      nonisolated(unsafe) let output = output
      try SequenceBatches.forEach(sequences.map(\.count)) { batch, rows, workspace in
        guard let output = output.baseAddress else { return }
        try encode(
          sequences[batch], rows: rows, into: output + batch.lowerBound * dimension, workspace)
      }
    }
  }

  /// The position of a sequence's embedding: the first end token. In checkpoints whose
  /// configuration has the end token 2 it is the token with the highest id, as in
  /// transformers.
  func endPosition(in sequence: [Int]) -> Int {
    let end = configuration.endTokenID == 2 ? sequence.max() : configuration.endTokenID
    return sequence.firstIndex { $0 == end } ?? 0
  }

  private func encode(
    _ sequences: ArraySlice<[Int]>, rows: Int, into output: UnsafeMutablePointer<Float>,
    _ workspace: LinearWorkspace
  ) throws {
    let width = configuration.text.width
    let states = UnsafeMutablePointer<Float>.allocate(capacity: rows * width)
    defer { states.deallocate() }
    var row = 0
    tokens.scalars.withUnsafeBufferPointer { tokens in
      positions.scalars.withUnsafeBufferPointer { positions in
        for sequence in sequences {
          for (position, id) in sequence.enumerated() {
            for column in 0..<width {
              states[row * width + column] =
                tokens[id * width + column] + positions[position * width + column]
            }
            row += 1
          }
        }
      }
    }
    let lengths = sequences.map(\.count)
    let ends = zip(SequenceBatches.starts(of: lengths), sequences).map {
      $0 + endPosition(in: $1)
    }
    try stack.apply(states, lengths: lengths, keeping: ends, workspace: workspace)
    lastNormalization.apply(states, rows: sequences.count, into: states)
    try projection.apply(states, rows: sequences.count, into: output, workspace: workspace)
  }
}
