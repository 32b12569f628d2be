import DescriptionFeatures
import Foundation
import TestSupport
import Workspaces

/// A workspace with a ledger in a folder of its own.
struct CacheFixture {
  let folder: TemporaryFolder
  let workspace: Workspace
  let ledger: Ledger

  init() throws {
    folder = try TemporaryFolder()
    workspace = try Workspace.create(at: folder.url, dataset: "test", root: nil)
    ledger = try workspace.openLedger()
  }

  func cache(
    _ encoder: WordEncoder, long: LongTextRule = .sentences, prefix: String = ""
  ) throws -> TextFeatureCache {
    try TextFeatureCache(
      workspace: workspace, ledger: ledger,
      recipe: TextFeatureRecipe(encoder: encoder, longText: long, prefix: prefix))
  }

  /// Whole descriptions by owner.
  static func whole(_ texts: [(String, String)]) -> [TextsToEmbed] {
    texts.map { TextsToEmbed(videoID: $0.0, description: $0.1, levels: [.whole]) }
  }

  /// The shard files of a cache, by name.
  func shards(_ cache: TextFeatureCache) throws -> [URL] {
    try FileManager.default.contentsOfDirectory(at: cache.folder, includingPropertiesForKeys: nil)
      .filter { $0.pathExtension == "safetensors" }
      .sorted { $0.lastPathComponent < $1.lastPathComponent }
  }
}
