import Records

/// Byte-pair encoding: joins the neighbours whose pair was learned first, until no learned
/// pair is left.
struct BytePairMerges: Sendable {
  private struct Merge: Sendable {
    var rank: Int
    var id: Int
  }

  private var merges: [UInt64: Merge] = [:]

  init() {}

  mutating func add(_ left: Int, _ right: Int, rank: Int, id: Int) {
    merges[Self.key(left, right)] = Merge(rank: rank, id: id)
  }

  private static func key(_ left: Int, _ right: Int) -> UInt64 {
    UInt64(UInt32(truncatingIfNeeded: left)) << 32 | UInt64(UInt32(truncatingIfNeeded: right))
  }

  /// The tokens that a word's symbols join to; of equal ranks the leftmost pair first. Takes
  /// O(n log n) time for a word of length n.
  func apply(to symbols: [Int]) -> [Int] {
    guard symbols.count > 1 else { return symbols }
    var ids = symbols
    // Doubly linked, -1 at the ends; a joined symbol keeps the left one's position.
    var next = Array(1...symbols.count)
    next[symbols.count - 1] = -1
    var previous = Array(-1..<symbols.count - 1)
    var queue = MergeQueue()
    func push(_ left: Int, into queue: inout MergeQueue) {
      guard left >= 0, next[left] >= 0,
        let merge = merges[Self.key(ids[left], ids[next[left]])]
      else { return }
      queue.push(.init(rank: merge.rank, position: left, id: merge.id))
    }
    for position in 0..<symbols.count - 1 { push(position, into: &queue) }
    while let candidate = queue.pop() {
      let left = candidate.position
      let right = next[left]
      // Outdated where one of the symbols has changed since.
      guard ids[left] >= 0, right >= 0,
        let merge = merges[Self.key(ids[left], ids[right])], merge.id == candidate.id
      else { continue }
      ids[left] = merge.id
      ids[right] = -1
      next[left] = next[right]
      if next[left] >= 0 { previous[next[left]] = left }
      push(previous[left], into: &queue)
      push(left, into: &queue)
    }
    return ids.filter { $0 >= 0 }
  }
}

/// A binary heap of pairs that may be joined, the best first.
private struct MergeQueue {
  struct Candidate {
    var rank: Int
    var position: Int
    var id: Int

    func comes(before other: Candidate) -> Bool {
      (rank, position) < (other.rank, other.position)
    }
  }

  private var heap: [Candidate] = []

  mutating func push(_ candidate: Candidate) {
    heap.append(candidate)
    var index = heap.count - 1
    while index > 0, heap[index].comes(before: heap[(index - 1) / 2]) {
      heap.swapAt(index, (index - 1) / 2)
      index = (index - 1) / 2
    }
  }

  mutating func pop() -> Candidate? {
    guard let first = heap.first else { return nil }
    let last = heap.removeLast()
    guard !heap.isEmpty else { return first }
    heap[0] = last
    var index = 0
    while true {
      var best = index
      for child in [2 * index + 1, 2 * index + 2]
      where child < heap.count && heap[child].comes(before: heap[best]) {
        best = child
      }
      guard best != index else { return first }
      heap.swapAt(index, best)
      index = best
    }
  }
}

extension TokenizerFiles {
  /// The learned pairs of a byte-pair encoding, in their order: each a list of two, or a
  /// line with a space between them.
  ///
  /// - Throws: `EncoderError.badConfiguration`.
  func pairs(_ list: StrictJSON?, in name: String) throws -> [(String, String)] {
    guard let items = list?.items else { throw bad(name, "no merges", "a list of pairs") }
    return try items.map { item in
      if let line = item.text { return try pair(line, in: name) }
      guard let parts = item.items, parts.count == 2, let left = parts[0].text,
        let right = parts[1].text
      else { throw bad(name, "a merge that is not a pair", "pairs of tokens") }
      return (left, right)
    }
  }

  /// A pair on one line.
  ///
  /// - Throws: `EncoderError.badConfiguration`.
  func pair(_ line: String, in name: String) throws -> (String, String) {
    let parts = line.split(separator: " ")
    guard parts.count == 2 else {
      throw bad(name, "the merge '\(line)'", "two tokens with a space between")
    }
    return (String(parts[0]), String(parts[1]))
  }
}

extension BytePairMerges {
  /// The merges of a tokenizer's pairs, which its vocabulary must know.
  ///
  /// - Throws: `EncoderError.badConfiguration`.
  init(
    _ pairs: [(String, String)], vocabulary: [[UInt8]: Int], files: TokenizerFiles, name: String
  ) throws {
    self.init()
    for (rank, pair) in pairs.enumerated() {
      let parts = [pair.0, pair.1, pair.0 + pair.1].map { vocabulary[Array($0.utf8)] }
      guard let left = parts[0], let right = parts[1], let joined = parts[2] else {
        throw files.bad(
          name, "the pair '\(pair.0) \(pair.1)', which is not in the vocabulary",
          "merges and vocabulary of one tokenizer")
      }
      add(left, right, rank: rank, id: joined)
    }
  }
}
