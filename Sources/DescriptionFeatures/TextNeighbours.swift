import Encoders
import Foundation
import Tensors
import Workspaces

/// Finds the texts whose vectors are nearest to another text's vector.
public struct TextNeighbours: Sendable {
  /// One of the nearest texts.
  public struct Neighbour: Codable, Sendable, Equatable {
    /// The cosine of the angle.
    public var similarity: Float
    public var text: String
    /// The owners of the text; several if several owners have the same text.
    public var owners: [String]
  }

  private let cache: TextFeatureCache

  public init(_ cache: TextFeatureCache) {
    self.cache = cache
  }

  /// The nearest texts of a level, best first; equally near ones in the order of their hashes.
  ///
  /// Every vector is compared; memory holds only the nearest so far.
  ///
  /// - Parameter query: of length 1, from the cache's own encoder.
  /// - Throws: `DescriptionFeatureError.damagedShard`.
  public func nearest(to query: [Float], count: Int, level: TextLevel = .whole) throws
    -> [Neighbour]
  {
    let reader = try cache.reader()
    var best: [Candidate] = []
    try cache.ledger.readIndexedTexts(recipe: cache.recipeID, level: level.rawValue) { texts in
      try texts.forEachText { text in
        let place = text.vector
        let row = try reader.vector(shard: place.shardID, row: place.row)
        var dot: Float = 0
        for (left, right) in zip(row, query) { dot += left * right }
        let candidate = Candidate(similarity: dot, place: place, owners: [text.use.ownerID])
        let position = best.firstIndex { !$0.isBetter(than: candidate) } ?? best.count
        if best.indices.contains(position), best[position].place.textHash == place.textHash {
          best[position].owners.insert(text.use.ownerID)
        } else if position < count {
          best.insert(candidate, at: position)
          if best.count > count { best.removeLast() }
        }
      }
    }
    return try best.map {
      Neighbour(
        similarity: $0.similarity,
        text: try reader.shard($0.place.shardID).text(at: $0.place.row),
        owners: $0.owners.sorted())
    }
  }

  private struct Candidate {
    let similarity: Float
    let place: LedgerTextVector
    var owners: Set<String>

    func isBetter(than other: Candidate) -> Bool {
      (other.similarity, place.textHash) < (similarity, other.place.textHash)
    }
  }
}
