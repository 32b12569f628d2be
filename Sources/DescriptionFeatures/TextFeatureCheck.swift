import Foundation
import Records
import Workspaces

/// Looks at every byte of a cache: whether the files are those that were written,
/// the vectors of length 1, and the index that of the files.
public struct TextFeatureCheck: Sendable {
  /// What was looked at and found.
  public struct Report: Codable, Sendable, Equatable {
    public var key: String
    public var shards = 0
    public var vectors = 0
    /// One line a fault; empty where all is well.
    public var faults: [String] = []
    /// Files of the folder that the index does not know: left by a run that was
    /// killed, or not of the cache.
    public var strangers: [String] = []
  }

  /// How far from 1 a vector's length may be: half precision keeps 11 bits.
  static let lengthTolerance = 0.002

  private let cache: TextFeatureCache

  public init(_ cache: TextFeatureCache) {
    self.cache = cache
  }

  /// Reads everything.
  ///
  /// - Throws: what the ledger throws; what is wrong with files is in the report.
  public func run() throws -> Report {
    var report = Report(key: cache.key)
    let stored = try cache.ledger.textShards(recipe: cache.recipeID)
    for shard in stored {
      report.shards += 1
      do {
        try check(shard, &report)
      } catch let error as any ReportableError {
        report.faults.append(error.description)
      }
    }
    let orphans = try cache.ledger.textUsesWithoutVector(recipe: cache.recipeID)
    if orphans > 0 {
      report.faults.append("\(cache.key): \(orphans) texts have no vector; run embed again")
    }
    report.strangers = try cache.strangers(among: stored)
    return report
  }

  private func check(_ stored: LedgerTextShard, _ report: inout Report) throws {
    let url = cache.url(of: stored)
    let shard = try cache.open(stored)
    guard try ContentHash.ofFile(at: url) == stored.fileHash else {
      throw DescriptionFeatureError.damagedShard(
        path: url.path, finding: "its content is not what was written")
    }
    let hashes = try shard.textHashes()
    for (row, text) in try shard.texts().enumerated()
    where TextFeatureCache.hash(text) != hashes[row] {
      throw DescriptionFeatureError.damagedShard(
        path: url.path, finding: "the text of row \(row) is not the one that is named")
    }
    for vector in try cache.ledger.textVectors(shard: stored.id ?? 0) {
      report.vectors += 1
      guard hashes.indices.contains(vector.row), hashes[vector.row] == vector.textHash else {
        throw DescriptionFeatureError.damagedShard(
          path: url.path, finding: "row \(vector.row) is not of the text that the index names")
      }
    }
    for row in 0..<shard.vectors.rowCount {
      let square = shard.vectors.row(row).reduce(0.0) { $0 + Double($1) * Double($1) }
      guard abs(square.squareRoot() - 1) <= Self.lengthTolerance else {
        throw DescriptionFeatureError.damagedShard(
          path: url.path, finding: "the vector of row \(row) has the length \(square.squareRoot())")
      }
    }
  }
}
