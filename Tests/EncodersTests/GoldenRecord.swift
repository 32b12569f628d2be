import Encoders
import Foundation
import Records
import Tensors
import TestSupport
import Video

/// What `Golden/make_goldens.py` wrote down.
struct GoldenRecord: Decodable {
  struct Tokens: Decodable {
    var text: String
    var ids: [Int]
    /// Before the cut; equal to `ids.count` where absent.
    var count: Int?
  }

  struct Formula: Decodable {
    var width: Int
    var height: Int
    var prepared: String
    var values: String
  }

  struct Variant: Decodable {
    /// A preprocessor_config.json.
    var options: String
    var values: String
    var side: Int
  }

  struct UnicodeClasses: Decodable {
    var letters: String
    var numbers: String
    var spaces: String
    var removed: String
    var ideographs: String
    var punctuation: String
    var stripped: String
    var lowered: String
    var composed: String
  }

  var images: [String]
  var texts: [String]
  var prepared224: [String]
  var formula: [Formula]
  var variants: [Variant]
  var clipStrings: [Tokens]
  var normalizedSpecials: [Tokens]
  var bertStrings: [Tokens]
  var bertCased: [[Int]]
  var unicode: UnicodeClasses

  static func read() throws -> GoldenRecord {
    try JSONRecord.read(GoldenRecord.self, from: Golden.url("goldens.json"))
  }

  func pictures() throws -> [RGBImage] {
    try images.map { try ImageFile.read(path: Golden.url("images/\($0)").path) }
  }
}

/// Changed copies of the golden model folders.
enum ModelFolder {
  /// A folder with the golden model's files, of which `omitting` are left out
  /// and `replacing` have other content.
  static func copy(
    of model: String, omitting: Set<String> = [], replacing: [String: Data] = [:]
  ) throws -> TemporaryFolder {
    let folder = try TemporaryFolder()
    let source = Golden.url(model)
    for name in try FileManager.default.contentsOfDirectory(atPath: source.path)
    where !omitting.contains(name) && replacing[name] == nil {
      try FileManager.default.createSymbolicLink(
        at: folder.file(name), withDestinationURL: source.appendingPathComponent(name))
    }
    for (name, data) in replacing { try data.write(to: folder.file(name)) }
    return folder
  }

  /// The golden model's folder with all weights of one value.
  static func filled(_ model: String, with value: Float) throws -> TemporaryFolder {
    var data = try Data(contentsOf: Golden.url("\(model)/model.safetensors"))
    let header = Int(data.withUnsafeBytes { $0.loadUnaligned(as: UInt64.self) })
    let count = (data.count - 8 - header) / 4
    let weights = [Float](repeating: value, count: count)
    data[(8 + header)...] = weights.withUnsafeBytes { Data($0) }
    return try copy(of: model, replacing: ["model.safetensors": data])
  }

  /// A golden JSON file with pieces of its text replaced.
  static func edited(_ file: String, _ changes: [(String, String)]) throws -> Data {
    var text = try String(contentsOf: Golden.url(file), encoding: .utf8)
    for (old, new) in changes {
      guard text.contains(old) else { throw MissingText(text: old) }
      text = text.replacingOccurrences(of: old, with: new)
    }
    return Data(text.utf8)
  }

  struct MissingText: Error { var text: String }
}

extension Tensor where Scalar == Float {
  /// The rows of a matrix.
  var rowList: [[Float]] { (0..<shape[0]).map { self[row: $0].scalars } }
}
