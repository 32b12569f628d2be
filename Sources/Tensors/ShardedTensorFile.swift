import Foundation

/// Weights in several files with an index, as Hugging Face splits large models:
/// `model.safetensors.index.json` or `pytorch_model.bin.index.json`, whose
/// `weight_map` says which file of the same folder holds a tensor.
public struct ShardedTensorFile: TensorFile {
  /// The longest index that is read, in bytes.
  public static let maximumIndexBytes = 64 << 20

  public let url: URL
  public let names: [String]
  /// The files that the index names, in order of their names.
  public let shardURLs: [URL]
  private let shards: [String: any TensorFile]
  private let places: [String: String]

  /// Opens the index and every file that it names.
  ///
  /// - Throws: `TensorError` for an index that is no such JSON, that names a file
  ///   outside its folder or a tensor that its file lacks, and for damaged files.
  public init(index url: URL) throws {
    func damaged(_ found: String) -> TensorError {
      .damagedHeader(path: url.path, found: found)
    }
    self.url = url
    places = try Self.places(in: url)
    let files = Set(places.values).sorted()
    for file in files where file.contains("/") || file.hasPrefix(".") || file.isEmpty {
      throw damaged("the file name '\(file)', expected one of the same folder")
    }
    let folder = url.deletingLastPathComponent()
    shardURLs = files.map { folder.appendingPathComponent($0) }
    shards = Dictionary(
      uniqueKeysWithValues: try zip(files, shardURLs).map { ($0, try TensorFiles.open($1)) })
    names = places.keys.sorted()
    for (name, file) in places where shards[file]?.contains(name) != true {
      throw damaged("tensor '\(name)' in \(file), which has none of that name")
    }
  }

  public func shape(of name: String) -> [Int]? { shard(of: name)?.shape(of: name) }

  public func elementType(of name: String) -> StoredElementType? {
    shard(of: name)?.elementType(of: name)
  }

  public func tensor(_ name: String) throws -> Tensor<Float> {
    guard let shard = shard(of: name) else {
      throw TensorError.missingTensor(path: url.path, tensor: name, present: names.count)
    }
    return try shard.tensor(name)
  }

  private func shard(of name: String) -> (any TensorFile)? {
    places[name].flatMap { shards[$0] }
  }

  /// The index's own key.
  private struct Index: Decodable {
    var weights: [String: String]

    enum CodingKeys: String, CodingKey {
      case weights = "weight_map"
    }
  }

  private static func places(in url: URL) throws -> [String: String] {
    let file = try MappedFile(url: url)
    guard file.bytes.count <= maximumIndexBytes else {
      throw TensorError.damagedHeader(
        path: url.path, found: "\(file.bytes.count) bytes, more than \(maximumIndexBytes)")
    }
    do {
      return try JSONDecoder().decode(Index.self, from: Data(file.start(file.bytes.count)))
        .weights
    } catch {
      throw TensorError.damagedHeader(
        path: url.path, found: "no 'weight_map' of tensor names to file names")
    }
  }
}
