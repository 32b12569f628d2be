import Tensors

/// How much each candidate differs from the one before it, by their embeddings.
enum VisualChange {
  /// 1 - cosine with the nearest candidate before that has an embedding; the first
  /// one's is that of its successor. nil where there is no embedding,
  /// or where one of the two has no direction.
  static func curve(of embeddings: [[Float]?]) -> [Double?] {
    var last: [Float]?
    var changes: [Double?] = embeddings.map { embedding in
      guard let embedding else { return nil }
      defer { last = embedding }
      return last.flatMap { VectorMath.cosine($0, embedding) }.map { 1 - $0 }
    }
    if let first = embeddings.firstIndex(where: { $0 != nil }) {
      changes[first] = changes.lazy.compactMap { $0 }.first ?? 0
    }
    return changes
  }
}
