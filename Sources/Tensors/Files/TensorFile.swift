import Foundation

/// Named tensors in a file, or in several that belong together: a model's weights in any
/// format.
///
/// Opening reads the names, types and shapes; a tensor's bytes are read from the
/// mapped file on demand.
public protocol TensorFile: Sendable {
  /// The file, or the index of several.
  var url: URL { get }
  /// The tensors' names.
  var names: [String] { get }
  /// The extents of a tensor, nil where there is none of that name.
  func shape(of name: String) -> [Int]?
  /// The element type of a tensor, nil where there is none of that name.
  func elementType(of name: String) -> StoredElementType?
  /// A tensor of F32, F16, BF16 or F64 elements as 32-bit floats (F64 is rounded).
  ///
  /// - Throws: `TensorError` where the name is missing, the elements are not
  ///   floating-point or the bytes are damaged.
  func tensor(_ name: String) throws -> Tensor<Float>
  /// The elements of a tensor of whole numbers, row-major.
  ///
  /// - Throws: `TensorError` where the name is missing or the elements are of another type.
  func integers(_ name: String) throws -> [Int]
}

extension TensorFile {
  /// A tensor of a model's numbers: floating-point, or a scalar of whole numbers, in which PyTorch
  /// counts the batches of running statistics.
  public func numbers(_ name: String) throws -> Tensor<Float> {
    guard let shape = shape(of: name), shape.isEmpty,
      elementType(of: name)?.isFloatingPoint == false
    else { return try tensor(name) }
    return Tensor(shape: shape, scalars: try integers(name).map { Float($0) })
  }

  /// Whether there is a tensor of that name.
  public func contains(_ name: String) -> Bool { shape(of: name) != nil }
}

/// Opens weights by the file's content, not by its name.
public enum TensorFiles {
  /// The extensions of PyTorch's files.
  public static let pyTorchExtensions = ["bin", "pt", "pth"]

  /// A safetensors file, a PyTorch file, or the index of several.
  ///
  /// - Throws: `TensorError` for a file that is none of these or is damaged.
  public static func open(_ url: URL) throws -> any TensorFile {
    if url.lastPathComponent.hasSuffix(".index.json") { return try ShardedTensorFile(index: url) }
    let start = try MappedFile(url: url).start(64)
    if start.starts(with: Array("version https://git-lfs".utf8)) {
      throw TensorError.unsupportedCheckpoint(
        path: url.path, found: "a Git LFS pointer in place of the weights",
        remedy: "run 'git lfs pull' in the clone, or kess models get")
    }
    let isPyTorch =
      pyTorchExtensions.contains(url.pathExtension.lowercased())
      || start.starts(with: ZipArchive.localSignature)
    return isPyTorch ? try PyTorchFile(url: url) : try SafetensorsFile(url: url)
  }
}

/// Weights in several files with an index, as Hugging Face splits large models:
/// `model.safetensors.index.json` or `pytorch_model.bin.index.json`, whose
/// `weight_map` maps each tensor to a file of the same folder.
package struct ShardedTensorFile: TensorFile {
  /// The length limit of the index, in bytes.
  package static let maximumIndexBytes = 64 << 20

  package let url: URL
  package let names: [String]
  /// The files that the index names, sorted by name.
  package let shardURLs: [URL]
  private let shards: [String: any TensorFile]
  private let places: [String: String]

  /// Opens the index and every file that it names.
  ///
  /// - Throws: `TensorError` for an index that is not such JSON, that names a file outside
  ///   its folder or a tensor that its file does not have, and for damaged files.
  package init(index url: URL) throws {
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

  package func shape(of name: String) -> [Int]? { shard(of: name)?.shape(of: name) }

  package func elementType(of name: String) -> StoredElementType? {
    shard(of: name)?.elementType(of: name)
  }

  package func tensor(_ name: String) throws -> Tensor<Float> {
    guard let shard = shard(of: name) else {
      throw TensorError.missingTensor(path: url.path, tensor: name, present: names.count)
    }
    return try shard.tensor(name)
  }

  package func integers(_ name: String) throws -> [Int] {
    guard let shard = shard(of: name) else {
      throw TensorError.missingTensor(path: url.path, tensor: name, present: names.count)
    }
    return try shard.integers(name)
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
