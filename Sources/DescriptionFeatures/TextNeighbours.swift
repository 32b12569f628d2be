import Encoders
import Foundation
import Tensors
import Workspaces

/// The texts whose vectors are nearest to another text's.
public struct TextNeighbours: Sendable {
  /// One of them.
  public struct Neighbour: Codable, Sendable, Equatable {
    /// The cosine of the angle.
    public var similarity: Float
    public var text: String
    /// Whose text it is; several where several owners have the same text.
    public var owners: [String]
  }

  private let cache: TextFeatureCache

  public init(_ cache: TextFeatureCache) {
    self.cache = cache
  }

  /// The nearest texts of a level, best first; of equal ones in the order of the owners.
  ///
  /// Every vector is compared; memory holds some thousand at a time.
  ///
  /// - Parameter query: of length 1, from the cache's own encoder.
  /// - Throws: `DescriptionFeatureError.damagedShard`.
  public func nearest(to query: [Float], count: Int, level: TextLevel = .whole) throws
    -> [Neighbour]
  {
    let reader = try cache.reader()
    let placed = try cache.ledger.placedTextUses(recipe: cache.recipeID, level: level.rawValue)
    let byShard = Dictionary(grouping: placed, by: \.vector.shardID)
    var best: [(similarity: Float, shard: Int64, row: Int, hash: String)] = []
    for shard in byShard.keys.sorted() {
      let matrix = try reader.shard(shard).vectors
      for vector in Set(byShard[shard, default: []].map { Place($0.vector) }).sorted() {
        var dot: Float = 0
        for (left, right) in zip(matrix.row(vector.row), query) { dot += left * right }
        best.append((dot, shard, vector.row, vector.hash))
      }
      best.sort { ($1.similarity, $0.hash) < ($0.similarity, $1.hash) }
      best.removeLast(max(0, best.count - count))
    }
    let owners = Dictionary(grouping: placed, by: \.use.textHash)
    var texts: [String: String] = [:]
    for (shard, items) in Dictionary(grouping: best, by: \.shard) {
      let found = try reader.shard(shard).texts(at: items.map(\.row))
      for (item, text) in zip(items, found) { texts[item.hash] = text }
    }
    return best.map { item in
      Neighbour(
        similarity: item.similarity, text: texts[item.hash, default: ""],
        owners: Array(Set(owners[item.hash, default: []].map(\.use.ownerID))).sorted())
    }
  }

  private struct Place: Hashable, Comparable {
    let row: Int
    let hash: String

    init(_ vector: LedgerTextVector) {
      row = vector.row
      hash = vector.textHash
    }

    static func < (left: Place, right: Place) -> Bool { left.row < right.row }
  }
}
