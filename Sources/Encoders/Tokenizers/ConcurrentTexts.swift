import Synchronization
import Tensors

/// Work on each of many texts, on the threads that `MatrixThreads` allows.
public enum ConcurrentTexts {
  /// The results in the order of the texts.
  ///
  /// - Throws: what the first text that failed threw.
  public static func map<Text: Sendable, Result: Sendable>(
    _ texts: [Text], _ body: @Sendable (Text) throws -> Result
  ) throws -> [Result] {
    let parts = Mutex<[Int: [Result]]>([:])
    try MatrixThreads.divide(texts.count) { range, _ in
      guard !range.isEmpty else { return }
      let part = try texts[range].map(body)
      parts.withLock { $0[range.lowerBound] = part }
    }
    return parts.withLock { parts in parts.sorted { $0.key < $1.key }.flatMap(\.value) }
  }
}
