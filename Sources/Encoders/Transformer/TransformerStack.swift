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
    var attentionInput: LinearWeights
    var attentionOutput: LinearWeights
    var attentionNormalization: NormalizationWeights
    var expansion: LinearWeights
    var contraction: LinearWeights
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
  func apply(_ states: UnsafeMutablePointer<Float>, lengths: [Int]) {
    let rows = lengths.reduce(0, +)
    let longest = lengths.max() ?? 0
    guard rows > 0 else { return }
    let scratch = Scratch(
      rows: rows, width: width, hiddenWidth: hiddenWidth, longest: longest)
    for layer in layers {
      switch order {
      case .normalizeFirst:
        layer.attentionNormalization.apply(states, rows: rows, into: scratch.rows)
        attend(scratch.rows, lengths: lengths, rows: rows, layer: layer, scratch: scratch)
        layer.attentionOutput.accumulate(scratch.context, rows: rows, into: states)
        layer.feedForwardNormalization.apply(states, rows: rows, into: scratch.rows)
        feedForward(scratch.rows, into: states, rows: rows, layer: layer, scratch: scratch)
      case .normalizeLast:
        attend(states, lengths: lengths, rows: rows, layer: layer, scratch: scratch)
        layer.attentionOutput.accumulate(scratch.context, rows: rows, into: states)
        layer.attentionNormalization.apply(states, rows: rows, into: states)
        feedForward(states, into: states, rows: rows, layer: layer, scratch: scratch)
        layer.feedForwardNormalization.apply(states, rows: rows, into: states)
      }
    }
  }

  private func feedForward(
    _ input: UnsafePointer<Float>, into states: UnsafeMutablePointer<Float>, rows: Int,
    layer: Layer, scratch: Scratch
  ) {
    layer.expansion.multiply(input, rows: rows, into: scratch.hidden)
    layer.expansion.bias.scalars.withUnsafeBufferPointer { bias in
      guard let bias = bias.baseAddress else { return }
      activation.apply(scratch.hidden, rows: rows, width: hiddenWidth, bias: bias)
    }
    layer.contraction.accumulate(scratch.hidden, rows: rows, into: states)
  }

  /// Leaves the heads' outputs side by side in `scratch.context`.
  private func attend(
    _ input: UnsafePointer<Float>, lengths: [Int], rows: Int, layer: Layer, scratch: Scratch
  ) {
    layer.attentionInput.apply(input, rows: rows, into: scratch.projections)
    let headWidth = width / heads
    let stride = 3 * width
    let scale = 1 / Float(headWidth).squareRoot()
    var start = 0
    for length in lengths where length > 0 {
      for head in 0..<heads {
        let queries = scratch.projections + start * stride + head * headWidth
        Float.gemm(
          transposeA: false, transposeB: true, m: length, n: length, k: headWidth, alpha: scale,
          a: queries, lda: stride, b: queries + width, ldb: stride, beta: 0, c: scratch.scores,
          ldc: length)
        RowSoftmax.apply(
          scratch.scores, rows: length, width: length, stride: length, isCausal: isCausal)
        Float.gemm(
          transposeA: false, transposeB: false, m: length, n: headWidth, k: length, alpha: 1,
          a: scratch.scores, lda: length, b: queries + 2 * width, ldb: stride, beta: 0,
          c: scratch.context + start * width + head * headWidth, ldc: width)
      }
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

    init(rows count: Int, width: Int, hiddenWidth: Int, longest: Int) {
      rows = .allocate(capacity: count * width)
      projections = .allocate(capacity: count * 3 * width)
      context = .allocate(capacity: count * width)
      hidden = .allocate(capacity: count * hiddenWidth)
      scores = .allocate(capacity: longest * longest)
    }

    deinit {
      for buffer in [rows, projections, context, hidden, scores] { buffer.deallocate() }
    }
  }
}
