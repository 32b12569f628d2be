import Synchronization
import Tensors

/// Cuts sequences of tokens into batches and hands them to the workers.
enum SequenceBatches {
  /// About how many rows of activations one worker holds at once.
  static let rowsAtOnce = 1024
  /// At least so many batches a worker, where there are enough sequences: a worker that
  /// is slowed down by others keeps few.
  private static let batchesPerWorker = 8

  /// One batch: neighbouring sequences and their rows together.
  private struct Batch {
    var sequences: Range<Int>
    var rows: Int
  }

  /// Calls `body` for runs of neighbouring sequences of at most `rowsAtOnce` rows
  /// together (or one longer sequence), on the threads that `MatrixThreads` allows;
  /// whoever is free takes the next.
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
