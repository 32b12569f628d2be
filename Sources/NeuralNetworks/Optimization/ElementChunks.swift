import Tensors

/// The elements of a parameter in chunks of one length, worked on by all cores.
///
/// The chunks do not depend on the number of threads: neither do sums over them in their order.
enum ElementChunks {
  /// 256 KiB of floats: small enough to share a parameter, long enough to pay for a thread.
  static let length = 1 << 16

  static func count(of elements: Int) -> Int { (elements + length - 1) / length }

  static func range(_ chunk: Int, of elements: Int) -> Range<Int> {
    chunk * length..<min((chunk + 1) * length, elements)
  }

  /// Calls `body` once per chunk, from several threads.
  static func forEach(
    of elements: Int, _ body: @Sendable (_ chunk: Int, _ range: Range<Int>) -> Void
  ) {
    let chunks = count(of: elements)
    guard chunks > 1 else {
      if chunks == 1 { body(0, 0..<elements) }
      return
    }
    MatrixThreads.divide(chunks) { items, _ in
      for chunk in items { body(chunk, range(chunk, of: elements)) }
    }
  }
}
