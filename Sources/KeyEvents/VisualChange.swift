/// How much each candidate differs from the one before it, by their embeddings.
enum VisualChange {
  /// 1 - cosine with the nearest candidate before that has an embedding; the first
  /// one's is that of its successor. nil where there is no embedding.
  static func curve(of embeddings: [[Float]?]) -> [Double?] {
    var last: [Float]?
    var changes: [Double?] = embeddings.map { embedding in
      guard let embedding else { return nil }
      defer { last = embedding }
      return last.map { 1 - cosine($0, embedding) }
    }
    if let first = embeddings.firstIndex(where: { $0 != nil }) {
      changes[first] = changes.lazy.compactMap { $0 }.first ?? 0
    }
    return changes
  }

  private static func cosine(_ first: [Float], _ second: [Float]) -> Double {
    var (product, lengths) = (0.0, (0.0, 0.0))
    for (a, b) in zip(first, second) {
      product += Double(a) * Double(b)
      lengths.0 += Double(a) * Double(a)
      lengths.1 += Double(b) * Double(b)
    }
    return product / (lengths.0 * lengths.1).squareRoot()
  }
}
