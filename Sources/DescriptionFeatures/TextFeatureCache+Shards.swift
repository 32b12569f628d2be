import Foundation
import Records
import Workspaces

/// The cache's files: where they are written, opened and named.
extension TextFeatureCache {
  /// Writes rows as a file, and then its index in one transaction of the ledger.
  ///
  /// - Parameter vectors: what the index says of the rows; their shard is set here.
  /// - Returns: the file's name.
  /// - Throws: `RecordError.cannotWrite`, and what the ledger throws.
  func store(_ rows: [TextFeatureShard.Row], vectors: [LedgerTextVector]) throws -> String {
    let file = try TextFeatureShard.write(rows, recipe: recipe, to: folder)
    try ledger.store(
      LedgerTextShard(
        recipeID: recipeID, name: file.name, rowCount: rows.count,
        byteCount: FileSize.bytes(at: folder.appendingPathComponent(file.name)) ?? 0,
        fileHash: file.hash), vectors: vectors)
    return file.name
  }

  /// Opens a file that the index names.
  ///
  /// - Throws: `DescriptionFeatureError.damagedShard`.
  func open(_ stored: LedgerTextShard) throws -> TextFeatureShard {
    try TextFeatureShard(
      opening: url(of: stored), dimension: recipe.encoder.dimension, rows: stored.rowCount)
  }

  func url(of shard: LedgerTextShard) -> URL { folder.appendingPathComponent(shard.name) }

  /// Files of the folder that are not in the index.
  func strangers(among stored: [LedgerTextShard]) throws -> [String] {
    let known = Set(stored.map(\.name) + ["recipe.json"])
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
    return names.filter { !known.contains($0) }.sorted()
  }
}
