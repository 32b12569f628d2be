import Tensors

/// Cuts sequences of tokens into batches and hands them to the workers.
enum SequenceBatches {
  /// About how many rows of activations one worker holds at once.
  static let rowsAtOnce = 1024

  /// Calls `body` for runs of neighbouring sequences of at most `rowsAtOnce` rows
  /// together (or one longer sequence), on the threads that `MatrixThreads` allows.
  static func forEach(
    _ lengths: [Int],
    _ body: @Sendable (_ sequences: Range<Int>, _ rows: Int, LinearWorkspace) throws -> Void
  ) throws {
    try MatrixThreads.divide(lengths.count) { items, threads in
      let workspace = LinearWorkspace(threads: threads)
      var start = items.lowerBound
      while start < items.upperBound {
        var end = start + 1
        var rows = lengths[start]
        while end < items.upperBound, rows + lengths[end] <= rowsAtOnce {
          rows += lengths[end]
          end += 1
        }
        try body(start..<end, rows, workspace)
        start = end
      }
    }
  }
}
