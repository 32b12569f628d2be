import Synchronization
import Tensors

/// A stack of transformer layers for inference: CLIP's (normalise, then
/// transform) and BERT's (transform, then normalise).
///
/// Sequences of different lengths follow each other in one matrix of rows, so that the large
/// products include all of them and nothing is computed for padding; only attention goes
/// sequence by sequence.
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
  /// - Parameter kept: The rows whose outputs are needed, ascending; nil for all. They are
  ///   moved together to the front. After its attention the last layer computes only
  ///   these, because the rest goes row by row.
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

  /// Writes the heads' outputs side by side into `scratch.context`.
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

/// The scale and offset of a layer normalisation.
struct NormalizationWeights: Sendable {
  var weight: Tensor<Float>
  var bias: Tensor<Float>
  var epsilon: Float

  /// Normalises `rows` rows; `output` may be `input`.
  func apply(
    _ input: UnsafePointer<Float>, rows: Int, into output: UnsafeMutablePointer<Float>
  ) {
    weight.scalars.withUnsafeBufferPointer { scale in
      bias.scalars.withUnsafeBufferPointer { offset in
        guard let scale = scale.baseAddress, let offset = offset.baseAddress else { return }
        RowNormalization.apply(
          input, into: output, rows: rows, width: weight.count, weight: scale, bias: offset,
          epsilon: epsilon)
      }
    }
  }
}

/// Cuts sequences of tokens into batches and hands them to the workers.
enum SequenceBatches {
  /// About how many rows of activations one worker holds at once.
  static let rowsAtOnce = 1024
  /// The least number of batches per worker, where there are enough sequences, so that a
  /// slow worker gets few of them.
  private static let batchesPerWorker = 8

  /// One batch: neighbouring sequences and their rows together.
  private struct Batch {
    var sequences: Range<Int>
    var rows: Int
  }

  /// Calls `body` for runs of neighbouring sequences of at most `rowsAtOnce` rows
  /// together (or one longer sequence), on the threads that `MatrixThreads` allows; the
  /// next free worker takes the next run.
  static func forEach(
    _ lengths: [Int],
    _ body: @Sendable (_ sequences: Range<Int>, _ rows: Int, LinearWorkspace) throws -> Void
  ) throws {
    let share = lengths.reduce(0, +) / (MatrixThreads.count * batchesPerWorker)
    let batches = batches(of: lengths, rows: min(rowsAtOnce, share))
    let next = Atomic<Int>(0)
    try MatrixThreads.divide(min(MatrixThreads.count, batches.count)) { workers, threads in
      for _ in workers {
        let workspace = LinearWorkspace(threads: threads)
        while true {
          let number = next.wrappingAdd(1, ordering: .relaxed).oldValue
          guard number < batches.count else { break }
          try body(batches[number].sequences, batches[number].rows, workspace)
        }
      }
    }
  }

  /// The row in which each sequence begins, one after the other.
  static func starts(of lengths: [Int]) -> [Int] {
    var next = 0
    return lengths.map { length in
      defer { next += length }
      return next
    }
  }

  private static func batches(of lengths: [Int], rows limit: Int) -> [Batch] {
    var batches: [Batch] = []
    for (index, length) in lengths.enumerated() {
      if let last = batches.last, last.rows + length <= limit {
        batches[batches.count - 1] = Batch(
          sequences: last.sequences.lowerBound..<index + 1, rows: last.rows + length)
      } else {
        batches.append(Batch(sequences: index..<index + 1, rows: length))
      }
    }
    return batches
  }
}
