import ArgumentParser
import CommandSupport
import DescriptionFeatures
import Pipeline
import Workspaces

extension TextLevel: ExpressibleByArgument {}

/// `--workspace`, `--key`: which text features.
struct CacheOptions: ParsableArguments {
  @OptionGroup var workspace: WorkspaceOptions

  @Option(
    help: ArgumentHelp(
      "Which text features: a key of embed info. (default: the only ones, or all)",
      valueName: "key"))
  var key: String?

  /// The cache with `--key`, else all caches.
  func caches() throws -> [TextFeatureCache] {
    let workspace = try workspace.open()
    let ledger = try workspace.openLedger()
    guard let key else {
      let all = try TextFeatureCache.all(workspace: workspace, ledger: ledger)
      guard !all.isEmpty else {
        throw PipelineError.notReady(
          subject: workspace.root.path, finding: "no text features yet", remedy: "run embed first")
      }
      return all
    }
    return [try TextFeatureCache.find(key: key, workspace: workspace, ledger: ledger)]
  }

  /// The cache with `--key`, else the only one.
  func cache() throws -> TextFeatureCache {
    let caches = try caches()
    guard caches.count == 1 else {
      throw DescriptionFeatureError.severalFeatures(
        workspace: caches[0].workspace.root.path, keys: caches.map(\.key))
    }
    return caches[0]
  }
}
