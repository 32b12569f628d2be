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
    var expansion: LinearLayer
    var contraction: LinearLayer
    var feedForwardNormalization: NormalizationWeights
  }

  var width: Int
  var heads: Int
  var activation: RowActivation
  var isCausal: Bool
  var order: Order
  var layers: [Layer]

  private var hiddenWidth: Int { layers.first?.expansion.outputs ?? 0 }

  /// Transforms the rows of all sequences in place, [sum of lengths, width].
  ///
  /// - Parameters:
  ///   - readouts: One a sequence: the position whose output is wanted. The last
  ///     layer then computes no other after its keys and values, which spares nearly
  ///     a layer, and the first rows of `states` become these outputs, in order.
  ///     nil for the outputs of all rows.
  /// - Throws: `TensorError.library`.
  func apply(
    _ states: UnsafeMutablePointer<Float>, lengths: [Int], readouts: [Int]? = nil,
    workspace: LinearWorkspace
  ) throws {
    precondition(readouts.map { $0.count == lengths.count } ?? true, "one readout a sequence")
    var rows = lengths.reduce(0, +)
    let longest = lengths.max() ?? 0
    guard rows > 0 else { return }
    let scratch = Scratch(
      rows: rows, width: width, hiddenWidth: hiddenWidth, scores: heads * longest * longest)
    for (index, layer) in layers.enumerated() {
      if order == .normalizeFirst {
        layer.attentionNormalization.apply(states, rows: rows, into: scratch.rows)
      }
      let readouts = index == layers.count - 1 ? readouts : nil
      try attend(
        order == .normalizeFirst ? scratch.rows : states, lengths: lengths, rows: rows,
        readouts: readouts, layer: layer, scratch: scratch, workspace: workspace)
      if let readouts {
        moveToFront(states, lengths: lengths, readouts: readouts)
        rows = lengths.count
      }
      try layer.attentionOutput.apply(
        scratch.context, rows: rows, into: states, finish: .residual, workspace: workspace)
      switch order {
      case .normalizeFirst:
        layer.feedForwardNormalization.apply(states, rows: rows, into: scratch.rows)
        try feedForward(
          scratch.rows, into: states, rows: rows, layer: layer, scratch: scratch,
          workspace: workspace)
      case .normalizeLast:
        layer.attentionNormalization.apply(states, rows: rows, into: states)
        try feedForward(
          states, into: states, rows: rows, layer: layer, scratch: scratch,
          workspace: workspace)
        layer.feedForwardNormalization.apply(states, rows: rows, into: states)
      }
    }
  }

  /// Each sequence's row `readouts` becomes one of the first rows.
  private func moveToFront(
    _ states: UnsafeMutablePointer<Float>, lengths: [Int], readouts: [Int]
  ) {
    var start = 0
    for (index, length) in lengths.enumerated() {
      // No row before its place is still to be moved.
      let from = start + readouts[index]
      if from > index {
        (states + index * width).update(from: states + from * width, count: width)
      }
      start += length
    }
  }

  private func feedForward(
    _ input: UnsafePointer<Float>, into states: UnsafeMutablePointer<Float>, rows: Int,
    layer: Layer, scratch: Scratch, workspace: LinearWorkspace
  ) throws {
    try layer.expansion.apply(
      input, rows: rows, into: scratch.hidden, finish: .activation(activation),
      workspace: workspace)
    try layer.contraction.apply(
      scratch.hidden, rows: rows, into: states, finish: .residual, workspace: workspace)
  }

  /// Leaves the heads' outputs side by side in `scratch.context`, of all rows or of
  /// one a sequence.
  private func attend(
    _ input: UnsafePointer<Float>, lengths: [Int], rows: Int, readouts: [Int]?, layer: Layer,
    scratch: Scratch, workspace: LinearWorkspace
  ) throws {
    try layer.attentionInput.apply(
      input, rows: rows, into: scratch.projections, workspace: workspace)
    var start = 0
    for (index, length) in lengths.enumerated() where length > 0 {
      try AttentionProducts.apply(
        scratch.projections + start * 3 * width, length: length, width: width, heads: heads,
        isCausal: isCausal, readout: readouts?[index], scores: scratch.scores,
        into: scratch.context + (readouts == nil ? start : index) * width, workspace: workspace)
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
