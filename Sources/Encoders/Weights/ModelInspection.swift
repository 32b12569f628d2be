import Foundation
import ModelHub
import Records
import Tensors

/// Finds model folders by path, or by hub id in the Hugging Face cache that `kess models get`
/// and other tools fill. Downloads nothing.
public enum ModelLocator {
  /// The environment variable that names a CLIP folder or id instead of the search.
  public static let clipVariable = "KESS_CLIP_MODEL"

  /// The folder of a model: an existing folder, or the snapshot of a hub id
  /// (`openai/clip-vit-base-patch16`, with `@revision` for another than `main`) that
  /// the cache has.
  ///
  /// - Throws: `EncoderError.modelNotFound` with the cache that was searched.
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
  /// there is none with readable weights. A model that the variable names is returned even if
  /// it is unusable, so that loading it reports the reason.
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

  /// The hub's name and revision of a folder inside a cache, or the folder's own name and no
  /// revision.
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

/// The kind of a model folder and whether it can be used. Only the weights' names, shapes and
/// types are read.
public struct ModelInspection: Sendable {
  public enum Kind: String, Sendable {
    case clip
    case bert
    case other
  }

  public let kind: Kind
  /// The bytes of the weight files; 0 where there are none.
  public let byteCount: Int
  /// The element type of most parameters: `F32`, `F16`, `BF16`.
  public let precision: String?
  /// Why the model cannot be used; nil where it can.
  public let problem: String?

  public init(of directory: URL) {
    let kind = Self.kind(of: directory)
    self.kind = kind
    let file = try? Self.weights(in: directory, kind: kind)
    byteCount = file.map(Self.byteCount) ?? 0
    precision = file.flatMap(Self.precision)?.rawValue
    do {
      switch kind {
      case .clip: try Self.checkCLIP(directory)
      case .bert: try BERTFolder(directory: directory).checkWeights()
      case .other:
        throw EncoderError.badConfiguration(
          path: directory.path, found: "neither CLIP's nor BERT's files",
          expected: "a model of one of these kinds")
      }
      problem = nil
    } catch {
      problem = "\(error)"
    }
  }

  private static func checkCLIP(_ directory: URL) throws {
    let folder = try CLIPFolder(directory: directory)
    let configuration = try CLIPConfiguration(folder)
    _ = try CLIPTokenizer(directory: directory)
    let shapes = CLIPVisionTower.weightShapes(configuration)
      .merging(CLIPTextTower.weightShapes(configuration)) { one, _ in one }
    for (name, shape) in shapes.sorted(by: { $0.key < $1.key }) {
      try folder.weights.check(name, shape)
    }
  }

  private static func kind(of directory: URL) -> Kind {
    struct Stated: Decodable { var modelType: String? }
    func has(_ name: String) -> Bool {
      FileManager.default.fileExists(atPath: directory.appendingPathComponent(name).path)
    }
    if has(CLIPFolder.openCLIPFile) || CLIPConfiguration.isStated(in: directory) { return .clip }
    if has("modules.json") { return .bert }
    let url = directory.appendingPathComponent("config.json")
    if let stated = try? ConfigurationFile.read(Stated.self, from: url) {
      return stated.modelType == "bert" ? .bert : .other
    }
    return (try? CLIPFolder(directory: directory).weights.contains("visual_projection.weight"))
      == true ? .clip : .other
  }

  private static func weights(in directory: URL, kind: Kind) throws -> any TensorFile {
    kind == .clip
      ? try CLIPFolder(directory: directory).weights.file
      : try WeightFiles(in: directory).open()
  }

  private static func byteCount(of file: any TensorFile) -> Int {
    ((file as? ShardedTensorFile)?.shardURLs ?? [file.url]).reduce(0) {
      $0 + (FileSize.bytes(at: $1) ?? 0)
    }
  }

  private static func precision(of file: any TensorFile) -> StoredElementType? {
    var counts: [StoredElementType: Int] = [:]
    for name in file.names {
      guard let type = file.elementType(of: name), let shape = file.shape(of: name) else {
        continue
      }
      // Products of shapes were checked against the file when it was opened.
      counts[type, default: 0] += shape.reduce(1, *)
    }
    return counts.max { ($0.value, $0.key.rawValue) < ($1.value, $1.key.rawValue) }?.key
  }
}
