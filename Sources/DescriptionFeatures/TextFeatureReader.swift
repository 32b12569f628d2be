import Foundation
import Workspaces

/// The mapped shards of a cache: rows are read when they are asked for, so that
/// opening costs the same for a thousand vectors and for a million.
public struct TextFeatureReader: Sendable {
  private let shards: [Int64: Result<TextFeatureShard, DescriptionFeatureError>]

  init(_ cache: TextFeatureCache) throws {
    var shards: [Int64: Result<TextFeatureShard, DescriptionFeatureError>] = [:]
    for stored in try cache.ledger.textShards(recipe: cache.recipeID) {
      guard let id = stored.id else { continue }
      do {
        shards[id] = .success(try cache.open(stored))
      } catch let error as DescriptionFeatureError {
        // The others can still be read.
        shards[id] = .failure(error)
      }
    }
    self.shards = shards
  }

  /// One vector, of length 1.
  ///
  /// - Throws: `DescriptionFeatureError.damagedShard`.
  public func vector(shard: Int64, row: Int) throws -> [Float] {
    let open = try self.shard(shard)
    guard (0..<open.vectors.rowCount).contains(row) else {
      throw DescriptionFeatureError.damagedShard(
        path: open.url.path, finding: "\(open.vectors.rowCount) rows, the index names row \(row)")
    }
    return open.vectors.row(row)
  }

  /// A shard by its number in the ledger.
  ///
  /// - Throws: `DescriptionFeatureError.damagedShard`.
  public func shard(_ id: Int64) throws -> TextFeatureShard {
    guard let shard = shards[id] else {
      throw DescriptionFeatureError.damagedShard(
        path: "shard \(id)", finding: "it was replaced meanwhile")
    }
    return try shard.get()
  }

  /// Gives back the memory of what was read; it is read again where it is asked for again.
  public func release() {
    for case .success(let shard) in shards.values { shard.release() }
  }

  /// The numbers of all shards.
  public var shardIDs: [Int64] { shards.keys.sorted() }
}
