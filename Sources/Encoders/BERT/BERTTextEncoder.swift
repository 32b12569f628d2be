import Foundation
import Records
import Tensors

/// A sentence encoder of the BERT family (Devlin et al., 2019; Reimers and
/// Gurevych, 2019), such as all-MiniLM-L6-v2, from a sentence-transformers or
/// plain Hugging Face folder.
///
/// The embeddings are those of sentence-transformers: the mean or the first of the token
/// outputs, scaled to length 1 where the folder's modules require it.
public final class BERTTextEncoder: TextEncoder, Sendable {
  /// The folder the model was read from.
  public let directory: URL
  package let configuration: BERTConfiguration
  package let modules: SentenceModules
  package let tokenizer: WordPieceTokenizer
  /// How the linear layers are computed.
  public let arithmetic: LinearArithmetic
  private let limit: Int
  private let weightsHash: WeightsHash
  private let stack: TransformerStack
  /// [vocabulary, width]
  private let tokens: Tensor<Float>
  /// [positions, width], the embedding of the only token type added.
  private let positions: Tensor<Float>
  private let firstNormalization: NormalizationWeights

  /// Reads a model folder: every weight, checked against the shapes that the
  /// configuration implies.
  ///
  /// - Parameter arithmetic: The result of `LinearArithmetic(for:)`.
  /// - Throws: `EncoderError` or `TensorError` that names the file and the
  ///   tensor or key.
  public init(directory: URL, arithmetic: LinearArithmetic = .f32) throws {
    self.directory = directory
    self.arithmetic = arithmetic
    let folder = try BERTFolder(directory: directory)
    modules = folder.modules
    configuration = folder.configuration
    tokenizer = folder.tokenizer
    limit = min(modules.maximumTokens ?? configuration.positionCount, configuration.positionCount)
    let weights = folder.weights
    weightsHash = WeightsHash(weights.file)

    let width = configuration.width
    let epsilon = configuration.normalizationEpsilon
    tokens = try weights.tensor(
      "embeddings.word_embeddings.weight", [configuration.vocabularySize, width])
    let types = try weights.tensor(
      "embeddings.token_type_embeddings.weight", [configuration.typeCount, width])
    var positions = try weights.tensor(
      "embeddings.position_embeddings.weight", [configuration.positionCount, width])
    for index in positions.scalars.indices {
      positions.scalars[index] += types.scalars[index % width]
    }
    self.positions = positions
    firstNormalization = try weights.normalization(
      "embeddings.LayerNorm", width: width, epsilon: epsilon)
    let (hidden, activation) = (configuration.hiddenWidth, configuration.activation)
    let layers = try (0..<configuration.layerCount).map { index in
      let layer = "encoder.layer.\(index)"
      return TransformerStack.Layer(
        attentionInput: try weights.joined(
          ["query", "key", "value"].map { "\(layer).attention.self.\($0)" }, inputs: width,
          outputs: width, arithmetic),
        attentionOutput: try weights.linear(
          "\(layer).attention.output.dense", inputs: width, outputs: width, arithmetic),
        attentionNormalization: try weights.normalization(
          "\(layer).attention.output.LayerNorm", width: width, epsilon: epsilon),
        feedForward: FeedForwardLayers(
          expansion: try weights.linear(
            "\(layer).intermediate.dense", inputs: width, outputs: hidden, arithmetic),
          activation: activation,
          contraction: try weights.linear(
            "\(layer).output.dense", inputs: hidden, outputs: width, arithmetic)),
        feedForwardNormalization: try weights.normalization(
          "\(layer).output.LayerNorm", width: width, epsilon: epsilon))
    }
    stack = TransformerStack(
      width: width, heads: configuration.headCount, isCausal: false, order: .normalizeLast,
      layers: layers)
  }

  /// Waits until the weights file is hashed.
  public var identity: EncoderIdentity {
    let name = ModelLocator.name(of: directory)
    return EncoderIdentity(
      kind: "bert", model: name.model, revision: name.revision, weightsHash: weightsHash.value,
      dimension: configuration.width,
      precision: arithmetic == .f32 ? nil : arithmetic.rawValue)
  }

  public var traits: TextEncoderTraits {
    TextEncoderTraits(
      tokenizerHash: tokenizer.filesHash,
      pooling: modules.pooling.rawValue + (modules.lowercases ? "-lowercased" : ""),
      isNormalized: modules.isNormalized, maximumTokens: limit)
  }

  /// The folder's limit (256 for all-MiniLM-L6-v2), else the model's positions.
  public var maximumTokens: Int? { limit }

  public func tokenCount(of text: String) throws -> Int {
    tokenizer.tokens(of: prepared(text)).count
  }

  /// One row per string, [n, width]. A string longer than `maximumTokens` is cut and keeps
  /// its end token.
  public func encodeTexts(_ texts: [String]) throws -> Tensor<Float> {
    let sequences = try MatrixThreads.map(texts) { [self] in
      tokenizer.tokens(of: prepared($0), maximumCount: limit)
    }
    let width = configuration.width
    let embeddings = try Tensor<Float>(shape: [texts.count, width]) { output in
      // Each batch writes its own rows.
      nonisolated(unsafe) let output = output
      try SequenceBatches.forEach(sequences.map(\.count)) { batch, rows, workspace in
        guard let output = output.baseAddress else { return }
        try encode(
          sequences[batch], rows: rows, into: output + batch.lowerBound * width, workspace)
      }
    }
    return try arithmetic.finiteInPart(embeddings, ofModelIn: directory)
  }

  private func prepared(_ text: String) -> String {
    modules.lowercases ? text.lowercased() : text
  }

  private func encode(
    _ sequences: ArraySlice<[Int]>, rows: Int, into output: UnsafeMutablePointer<Float>,
    _ workspace: LinearWorkspace
  ) throws {
    let width = configuration.width
    let states = UnsafeMutablePointer<Float>.allocate(capacity: rows * width)
    defer { states.deallocate() }
    var row = states
    tokens.scalars.withUnsafeBufferPointer { tokens in
      positions.scalars.withUnsafeBufferPointer { positions in
        for sequence in sequences {
          for (position, id) in sequence.enumerated() {
            for column in 0..<width {
              row[column] = tokens[id * width + column] + positions[position * width + column]
            }
            row += width
          }
        }
      }
    }
    firstNormalization.apply(states, rows: rows, into: states)
    let lengths = sequences.map(\.count)
    let firsts = SequenceBatches.starts(of: lengths)
    let isMean = modules.pooling == .mean
    try stack.apply(
      states, lengths: lengths, keeping: isMean ? nil : firsts, workspace: workspace)
    for (index, first) in firsts.enumerated() {
      pool(
        states + (isMean ? first : index) * width, count: isMean ? lengths[index] : 1,
        into: output + index * width)
    }
  }

  /// The mean of `count` rows, of length 1 where the folder requires it.
  private func pool(
    _ states: UnsafePointer<Float>, count: Int, into output: UnsafeMutablePointer<Float>
  ) {
    let width = configuration.width
    for column in 0..<width { output[column] = states[column] }
    for row in 1..<count {
      for column in 0..<width { output[column] += states[row * width + column] }
    }
    for column in 0..<width { output[column] /= Float(count) }
    if modules.isNormalized {
      var square: Float = 0
      for column in 0..<width { square += output[column] * output[column] }
      let length = max(square.squareRoot(), 1e-12)
      for column in 0..<width { output[column] /= length }
    }
  }
}
