import Foundation
import Records
import Workspaces

/// Gives back what a cache no longer needs: vectors that nobody uses, files that
/// nothing points to, and the gaps in files, by writing them together.
public struct TextFeatureCleanup: Sendable {
  /// What went, or would go.
  public struct Report: Codable, Sendable, Equatable {
    public var key: String
    /// Vectors of texts that nobody uses.
    public var vectors = 0
    /// Files that were removed or written together.
    public var files: [String] = []
    public var bytes = 0
    /// Whether nothing is left of the cache.
    public var isRemoved = false
  }

  /// How old a file must be that the index does not know: a younger one may belong
  /// to a run that is about to index it.
  public static let strangerSeconds = 3600.0

  private let cache: TextFeatureCache
  private let isTrial: Bool

  /// - Parameter isTrial: change nothing, and say what would go.
  public init(_ cache: TextFeatureCache, isTrial: Bool = false) {
    self.cache = cache
    self.isTrial = isTrial
  }

  /// - Throws: `DescriptionFeatureError.damagedShard` where a file that must be
  ///   copied is damaged; nothing of it is removed then.
  public func run(now: Date = Date()) throws -> Report {
    var report = Report(key: cache.key)
    report.vectors = try cache.ledger.collectUnusedText(recipe: cache.recipeID, isTrial: isTrial)
    try removeStrangers(now: now, &report)
    guard !isTrial else { return report }
    try compact(&report)
    if try cache.ledger.forgetEmptyTextRecipe(cache.recipeID) {
      report.isRemoved = true
      // A file that a run may be about to index keeps the folder.
      if try cache.strangers(among: []).isEmpty {
        try? FileManager.default.removeItem(at: cache.folder)
      }
    }
    return report
  }

  private func removeStrangers(now: Date, _ report: inout Report) throws {
    for name in try cache.strangers(among: cache.ledger.textShards(recipe: cache.recipeID)) {
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

  /// Writes together the files of which less than half is in use, and small files
  /// where there are several.
  private func compact(_ report: inout Report) throws {
    var sparse: [(shard: LedgerTextShard, live: [LedgerTextVector])] = []
    for shard in try cache.ledger.textShards(recipe: cache.recipeID) {
      let live = try cache.ledger.textVectors(shard: shard.id ?? 0)
      if live.count * 2 < TextFeatureShard.maximumRows || live.count * 2 < shard.rowCount {
        sparse.append((shard, live))
      }
    }
    // One small file, all of it in use, is as good as it gets.
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
