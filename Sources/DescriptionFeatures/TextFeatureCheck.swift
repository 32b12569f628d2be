import Foundation
import Records
import Workspaces

/// Reads every byte of a cache and checks that the files are unchanged, that the vectors have
/// length 1, and that the index matches the files.
public struct TextFeatureCheck: Sendable {
  /// The results of a check.
  public struct Report: Codable, Sendable, Equatable {
    public var key: String
    public var shards = 0
    public var vectors = 0
    /// One line per fault; empty if there are none.
    public var faults: [String] = []
    /// Files of the folder that are not in the index: left by a killed run, or foreign.
    public var strangers: [String] = []
  }

  /// The tolerance for a vector's length: half precision keeps 11 bits.
  static let lengthTolerance = 0.002

  private let cache: TextFeatureCache

  public init(_ cache: TextFeatureCache) {
    self.cache = cache
  }

  /// Checks everything.
  ///
  /// - Throws: the ledger's errors; faults of files are in the report.
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
    report.strangers = try cache.unindexedFiles(besides: stored)
    return report
  }

  private func check(_ stored: LedgerTextShard, _ report: inout Report) throws {
    let url = cache.url(of: stored)
    let shard = try cache.open(stored)
    guard try ContentHash.ofFile(at: url) == stored.fileHash else {
      throw DescriptionFeatureError.damagedShard(
        path: url.path, finding: "its content has changed since it was written")
    }
    let hashes = try shard.textHashes()
    for (row, text) in try shard.texts().enumerated()
    where TextFeatureCache.hash(text) != hashes[row] {
      throw DescriptionFeatureError.damagedShard(
        path: url.path, finding: "the text of row \(row) does not match its hash")
    }
    for vector in try cache.ledger.textVectors(shard: stored.id ?? 0) {
      report.vectors += 1
      guard hashes.indices.contains(vector.row), hashes[vector.row] == vector.textHash else {
        throw DescriptionFeatureError.damagedShard(
          path: url.path, finding: "row \(vector.row) belongs to another text than in the index")
      }
    }
    for row in 0..<shard.vectors.rowCount {
      let square = shard.vectors.row(row).reduce(0.0) { $0 + Double($1) * Double($1) }
      guard abs(square.squareRoot() - 1) <= Self.lengthTolerance else {
        throw DescriptionFeatureError.damagedShard(
          path: url.path,
          finding: "the vector of row \(row) has the length \(square.squareRoot()), expected 1")
      }
    }
  }
}
