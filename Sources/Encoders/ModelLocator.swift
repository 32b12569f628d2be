import Foundation
import ModelHub
import Records

/// Finds model folders: by path, or by hub id in the Hugging Face cache that
/// `kess models get` and other tools fill. Nothing is downloaded.
public enum ModelLocator {
  /// The variable that names a CLIP folder or id in place of the search.
  public static let clipVariable = "KESS_CLIP_MODEL"

  /// The folder of a model: an existing folder, or the snapshot of a hub id
  /// (`openai/clip-vit-base-patch16`, with `@revision` for another than `main`) that
  /// the cache has.
  ///
  /// - Throws: `EncoderError.modelNotFound` with the place looked at.
  public static func resolve(
    _ idOrPath: String, environment: [String: String] = ProcessInfo.processInfo.environment
  ) throws -> URL {
    let path = URL(fileURLWithPath: (idOrPath as NSString).expandingTildeInPath)
    if !idOrPath.isEmpty, Folder.exists(at: path) { return path }
    let cache = HubCache.find(environment: environment)
    if let id = try? HubModelID(idOrPath), let snapshot = cache.snapshot(of: id) {
      return snapshot
    }
    throw EncoderError.modelNotFound(name: idOrPath, searched: [cache.root.path])
  }

  /// The CLIP model to use where none is named: `KESS_CLIP_MODEL`, else
  /// `openai/clip-vit-base-patch16`, else `-patch32` in the cache; nil where
  /// there is none with weights that can be read. A model that the variable
  /// names is returned even when it is unusable, so that loading it says why.
  public static func firstAvailableCLIP(
    environment: [String: String] = ProcessInfo.processInfo.environment
  ) -> URL? {
    if let named = environment[clipVariable], !named.isEmpty {
      return (try? resolve(named, environment: environment)) ?? URL(fileURLWithPath: named)
    }
    for id in ["openai/clip-vit-base-patch16", "openai/clip-vit-base-patch32"] {
      if let folder = try? resolve(id, environment: environment),
        (try? WeightFiles(in: folder)) != nil
      {
        return folder
      }
    }
    return nil
  }

  /// The hub's name and revision of a folder inside a cache, or the folder's
  /// own name and no revision.
  public static func name(of directory: URL) -> (model: String, revision: String?) {
    let parts = directory.standardizedFileURL.pathComponents
    if let index = parts.lastIndex(of: "snapshots"), index > 0, index + 1 < parts.count,
      parts[index - 1].hasPrefix("models--")
    {
      let model = parts[index - 1].dropFirst("models--".count)
        .replacingOccurrences(of: "--", with: "/")
      return (model, parts[index + 1])
    }
    return (directory.standardizedFileURL.lastPathComponent, nil)
  }
}
