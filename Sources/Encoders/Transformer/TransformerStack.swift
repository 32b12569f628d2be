import Tensors

/// A stack of transformer layers for inference: CLIP's (normalise, then
/// transform) and BERT's (transform, then normalise).
///
/// Sequences of different lengths lie one after the other in one matrix of
/// rows, so that the large products see all of them at once and nothing is
/// computed for padding; only attention goes sequence by sequence.
struct TransformerStack: Sendable {
  enum Order: Sendable {
    case normalizeFirst
    case normalizeLast
  }

  struct Layer: Sendable {
    /// Queries, keys and values side by side: [3 · width, width].
    var attentionInput: LinearLayer
    var attentionOutput: LinearLayer
    var attentionNormalization: NormalizationWeights
    var feedForward: FeedForwardLayers
    var feedForwardNormalization: NormalizationWeights
  }

  var width: Int
  var heads: Int
  var isCausal: Bool
  var order: Order
  var layers: [Layer]

  private var hiddenWidth: Int { layers.first?.feedForward.hiddenWidth ?? 0 }

  /// Transforms the rows of all sequences in place, [sum of lengths, width].
  ///
  /// - Parameter kept: The rows whose outputs are wanted, ascending; nil for all. They
  ///   are moved together to the front, and the last layer computes no others beyond
  ///   its attention: what follows that goes row by row.
  /// - Throws: `TensorError.library`.
  func apply(
    _ states: UnsafeMutablePointer<Float>, lengths: [Int], keeping kept: [Int]? = nil,
    workspace: LinearWorkspace
  ) throws {
    var rows = lengths.reduce(0, +)
    let longest = lengths.max() ?? 0
    guard rows > 0 else { return }
    let scratch = Scratch(
      rows: rows, width: width, hiddenWidth: hiddenWidth, scores: heads * longest * longest)
    for (number, layer) in layers.enumerated() {
      if order == .normalizeFirst {
        layer.attentionNormalization.apply(states, rows: rows, into: scratch.rows)
      }
      try attend(
        order == .normalizeFirst ? scratch.rows : states, lengths: lengths, rows: rows,
        layer: layer, scratch: scratch, workspace: workspace)
      if number == layers.count - 1, let kept {
        gather(kept, in: states)
        gather(kept, in: scratch.context)
        rows = kept.count
      }
      try layer.attentionOutput.apply(
        scratch.context, rows: rows, into: states, finish: .residual, workspace: workspace)
      switch order {
      case .normalizeFirst:
        layer.feedForwardNormalization.apply(states, rows: rows, into: scratch.rows)
        try layer.feedForward.add(
          scratch.rows, rows: rows, hidden: scratch.hidden, to: states, workspace: workspace)
      case .normalizeLast:
        layer.attentionNormalization.apply(states, rows: rows, into: states)
        try layer.feedForward.add(
          states, rows: rows, hidden: scratch.hidden, to: states, workspace: workspace)
        layer.feedForwardNormalization.apply(states, rows: rows, into: states)
      }
    }
  }

  /// Moves rows together to the front; they are ascending, so that none is overwritten
  /// before it is read.
  private func gather(_ kept: [Int], in matrix: UnsafeMutablePointer<Float>) {
    for (place, row) in kept.enumerated() where row > place {
      (matrix + place * width).update(from: matrix + row * width, count: width)
    }
  }

  /// Leaves the heads' outputs side by side in `scratch.context`.
  private func attend(
    _ input: UnsafePointer<Float>, lengths: [Int], rows: Int, layer: Layer, scratch: Scratch,
    workspace: LinearWorkspace
  ) throws {
    try layer.attentionInput.apply(
      input, rows: rows, into: scratch.projections, workspace: workspace)
    var start = 0
    for length in lengths where length > 0 {
      try AttentionProducts.apply(
        scratch.projections + start * 3 * width, length: length, width: width, heads: heads,
        isCausal: isCausal, arithmetic: layer.attentionInput.arithmetic,
        scores: scratch.scores, into: scratch.context + start * width, workspace: workspace)
      start += length
    }
  }

  /// The buffers that all layers share, freed with the object.
  private final class Scratch {
    let rows: UnsafeMutablePointer<Float>
    let projections: UnsafeMutablePointer<Float>
    let context: UnsafeMutablePointer<Float>
    let hidden: UnsafeMutablePointer<Float>
    let scores: UnsafeMutablePointer<Float>

    init(rows count: Int, width: Int, hiddenWidth: Int, scores scoreCount: Int) {
      rows = .allocate(capacity: count * width)
      projections = .allocate(capacity: count * 3 * width)
      context = .allocate(capacity: count * width)
      hidden = .allocate(capacity: count * hiddenWidth)
      scores = .allocate(capacity: scoreCount)
    }

    deinit {
      for buffer in [rows, projections, context, hidden, scores] { buffer.deallocate() }
    }
  }
}
