import Foundation
import Records
import Synchronization
import Tensors

/// Reads the JSON files of a model folder, whose keys are in snake case.
enum ConfigurationFile {
  /// - Throws: `RecordError.cannotRead`, `.wrongFormat`.
  static func read<Value: Decodable>(_ type: Value.Type, from url: URL) throws -> Value {
    let data: Data
    do {
      data = try Data(contentsOf: url)
    } catch {
      throw RecordError.cannotRead(path: url.path, reason: "no such file, or not readable")
    }
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    do {
      return try decoder.decode(type, from: data)
    } catch let error as DecodingError {
      throw RecordError.wrongFormat(
        path: url.path, found: JSONRecord.summary(of: error),
        expected: "a model's \(url.lastPathComponent)")
    }
  }
}

/// The files of a model folder with its weights.
struct WeightFiles {
  /// The file to open: weights, or the index of several.
  let url: URL

  /// Names that Hugging Face's tools write, the safest format first.
  static let huggingFaceNames = [
    "model.safetensors", "model.safetensors.index.json", "pytorch_model.bin",
    "pytorch_model.bin.index.json",
  ]
  /// Names that open_clip writes.
  static let openCLIPNames = ["open_clip_model.safetensors", "open_clip_pytorch_model.bin"]

  /// The first of `names` in the folder, else the only file with an extension of weights.
  ///
  /// - Throws: `EncoderError.fileMissing`.
  init(in directory: URL, names: [String] = huggingFaceNames + openCLIPNames) throws {
    let files = FileManager.default
    if let name = names.first(where: {
      files.fileExists(atPath: directory.appendingPathComponent($0).path)
    }) {
      url = directory.appendingPathComponent(name)
      return
    }
    let extensions = ["safetensors"] + TensorFiles.pyTorchExtensions
    let others = ((try? files.contentsOfDirectory(atPath: directory.path)) ?? []).filter {
      extensions.contains(($0 as NSString).pathExtension.lowercased())
    }
    guard let only = others.first, others.count == 1 else {
      throw EncoderError.fileMissing(
        folder: directory.path, file: "model.safetensors",
        remedy: others.isEmpty
          ? "fetch the weights with kess models get, or copy them there"
          : "it has \(others.sorted().prefix(4).joined(separator: ", ")): keep one of them")
    }
    url = directory.appendingPathComponent(only)
  }

  /// Opens the weights.
  ///
  /// - Throws: `TensorError`.
  func open() throws -> any TensorFile { try TensorFiles.open(url) }
}

/// The SHA-256 of a model's weights, computed once per process and model, in the background:
/// hashing 600 MB takes about a second of one core. The hash of weights in several files is
/// that of the list of the files' hashes, sorted by file name.
final class WeightsHash: Sendable {
  private static let known = Mutex<[String: BackgroundWork<String>]>([:])
  private let work: BackgroundWork<String>
  private let key: String

  /// Begins to hash, unless these files are already being hashed.
  init(_ file: any TensorFile) {
    let urls = ((file as? ShardedTensorFile)?.shardURLs ?? [file.url]).map {
      $0.resolvingSymlinksInPath()
    }
    let key = urls.map(Self.version).joined(separator: "\n")
    self.key = key
    work = Self.known.withLock { known in
      if let work = known[key] { return work }
      let work = BackgroundWork {
        let hashes = try urls.map(ContentHash.ofFile)
        return hashes.count == 1
          ? hashes[0] : ContentHash.of(Array(hashes.joined(separator: "\n").utf8))
      }
      known[key] = work
      return work
    }
  }

  /// Nil where a file could not be read; waits for the hash.
  var value: String? {
    if let hash = try? work.value() { return hash }
    // The next model of these files retries.
    Self.known.withLock { $0[key] = nil }
    return nil
  }

  /// A file's path, size and modification date.
  private static func version(of url: URL) -> String {
    let attributes = try? FileManager.default.attributesOfItem(atPath: url.path)
    let date = (attributes?[.modificationDate] as? Date)?.timeIntervalSince1970 ?? 0
    return "\(url.path) \(attributes?[.size] ?? 0) \(date)"
  }
}
