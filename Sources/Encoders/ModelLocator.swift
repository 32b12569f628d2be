import Foundation

/// Finds model folders: by path, or by hub id in the Hugging Face cache that
/// other tools fill. Nothing is downloaded.
public enum ModelLocator {
  /// The variable that names a CLIP folder or id in place of the search.
  public static let clipVariable = "KESS_CLIP_MODEL"

  /// The folder of a model: an existing folder, or the snapshot of a hub id
  /// (`openai/clip-vit-base-patch16`) that the cache's `refs/main` names.
  ///
  /// - Throws: `EncoderError.modelNotFound` with every place looked at.
  public static func resolve(
    _ idOrPath: String, environment: [String: String] = ProcessInfo.processInfo.environment
  ) throws -> URL {
    let path = URL(fileURLWithPath: (idOrPath as NSString).expandingTildeInPath)
    if !idOrPath.isEmpty, isFolder(path) { return path }
    let caches = hubCaches(environment)
    let parts = idOrPath.split(separator: "/", omittingEmptySubsequences: false)
    if !idOrPath.isEmpty, parts.count <= 2, parts.allSatisfy({ !$0.isEmpty && !$0.hasPrefix(".") })
    {
      for cache in caches {
        let model = cache.appendingPathComponent("models--" + parts.joined(separator: "--"))
        if let snapshot = snapshot(of: model) { return snapshot }
      }
    }
    throw EncoderError.modelNotFound(name: idOrPath, searched: caches.map(\.path))
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

  /// As huggingface_hub looks: `HF_HUB_CACHE`, `HF_HOME/hub`,
  /// `XDG_CACHE_HOME/huggingface/hub`, `~/.cache/huggingface/hub`; the first that is set.
  private static func hubCaches(_ environment: [String: String]) -> [URL] {
    func folder(_ variable: String, _ suffix: String) -> URL? {
      guard let value = environment[variable], !value.isEmpty else { return nil }
      return URL(fileURLWithPath: (value as NSString).expandingTildeInPath)
        .appendingPathComponent(suffix).standardizedFileURL
    }
    let home =
      environment["HOME"].map { URL(fileURLWithPath: $0) }
      ?? FileManager.default.homeDirectoryForCurrentUser
    return [
      folder("HF_HUB_CACHE", "") ?? folder("HF_HOME", "hub")
        ?? folder("XDG_CACHE_HOME", "huggingface/hub")
        ?? home.appendingPathComponent(".cache/huggingface/hub")
    ]
  }

  private static func snapshot(of model: URL) -> URL? {
    let reference = model.appendingPathComponent("refs/main")
    guard let text = try? String(contentsOf: reference, encoding: .utf8) else { return nil }
    let revision = text.trimmingCharacters(in: .whitespacesAndNewlines)
    guard !revision.isEmpty, !revision.contains("/") else { return nil }
    let folder = model.appendingPathComponent("snapshots").appendingPathComponent(revision)
    return isFolder(folder) ? folder : nil
  }

  private static func isFolder(_ url: URL) -> Bool {
    var isFolder: ObjCBool = false
    return FileManager.default.fileExists(atPath: url.path, isDirectory: &isFolder)
      && isFolder.boolValue
  }
}
