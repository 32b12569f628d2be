import Foundation
import Records
import Workspaces

/// Removes from a cache the vectors that no owner uses and the files that are not in the
/// index, and merges files that are small or mostly unused.
public struct TextFeatureCleanup: Sendable {
  /// What was removed, or would be.
  public struct Report: Codable, Sendable, Equatable {
    public var key: String
    /// Vectors of texts that no owner uses.
    public var vectors = 0
    /// Files that were removed or merged.
    public var files: [String] = []
    public var bytes = 0
    /// Whether the whole cache was removed.
    public var isRemoved = false
  }

  /// The minimum age at which a file without an index is removed. A younger file may belong to
  /// a run that is about to index it.
  public static let strangerSeconds = 3600.0

  private let cache: TextFeatureCache
  private let isTrial: Bool

  /// - Parameter isTrial: only report what would be removed, and change nothing.
  public init(_ cache: TextFeatureCache, isTrial: Bool = false) {
    self.cache = cache
    self.isTrial = isTrial
  }

  /// - Throws: `DescriptionFeatureError.damagedShard` if a file that must be copied is damaged;
  ///   then none of its rows is removed.
  public func run(now: Date = Date()) throws -> Report {
    var report = Report(key: cache.key)
    report.vectors = try cache.ledger.collectUnusedText(recipe: cache.recipeID, isTrial: isTrial)
    try removeUnindexedFiles(now: now, &report)
    guard !isTrial else { return report }
    try compact(&report)
    if try cache.ledger.forgetEmptyTextRecipe(cache.recipeID) {
      report.isRemoved = true
      // The folder stays if it has a file that a run may be about to index.
      if try cache.unindexedFiles(besides: []).isEmpty {
        try? FileManager.default.removeItem(at: cache.folder)
      }
    }
    return report
  }

  private func removeUnindexedFiles(now: Date, _ report: inout Report) throws {
    let indexed = try cache.ledger.textShards(recipe: cache.recipeID)
    for name in try cache.unindexedFiles(besides: indexed) {
      let url = cache.folder.appendingPathComponent(name)
      let values = try url.resourceValues(forKeys: [.contentModificationDateKey, .fileSizeKey])
      guard let changed = values.contentModificationDate,
        now.timeIntervalSince(changed) > Self.strangerSeconds
      else { continue }
      report.files.append(name)
      report.bytes += values.fileSize ?? 0
      if !isTrial { try FileManager.default.removeItem(at: url) }
    }
  }

  /// Merges the files of which less than half is in use, and small files if there are several.
  private func compact(_ report: inout Report) throws {
    var sparse: [(shard: LedgerTextShard, live: [LedgerTextVector])] = []
    for shard in try cache.ledger.textShards(recipe: cache.recipeID) {
      let live = try cache.ledger.textVectors(shard: shard.id ?? 0)
      if live.count * 2 < TextFeatureShard.maximumRows || live.count * 2 < shard.rowCount {
        sparse.append((shard, live))
      }
    }
    // A single small file that is fully in use cannot be improved.
    if sparse.count == 1, sparse[0].live.count == sparse[0].shard.rowCount { return }
    var rows: [TextFeatureShard.Row] = []
    var vectors: [LedgerTextVector] = []
    var emptied: [LedgerTextShard] = []
    func write() throws {
      if !rows.isEmpty {
        let name = try cache.store(rows, vectors: vectors)
        emptied.removeAll { $0.name == name }
      }
      for shard in emptied {
        if let id = shard.id { try cache.ledger.forgetTextShard(id) }
        try? FileManager.default.removeItem(at: cache.url(of: shard))
        report.files.append(shard.name)
        report.bytes += shard.byteCount
      }
      (rows, vectors, emptied) = ([], [], [])
    }
    for (stored, live) in sparse {
      if rows.count + live.count > TextFeatureShard.maximumRows { try write() }
      if !live.isEmpty {
        let shard = try cache.open(stored)
        let texts = try live.map { try shard.text(at: $0.row) }
        for (var vector, text) in zip(live, texts) {
          rows.append(
            TextFeatureShard.Row(
              text: text, textHash: vector.textHash,
              vector: shard.vectors.row(vector.row)))
          vector.row = rows.count - 1
          vectors.append(vector)
        }
      }
      emptied.append(stored)
    }
    try write()
  }
}
