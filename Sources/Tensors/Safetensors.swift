import Foundation
import Records

/// Writes safetensors files.
public enum Safetensors {
  /// Writes tensors of floats in the order given, atomically; the header is padded
  /// with spaces so that the data starts at a multiple of 8 bytes.
  ///
  /// The same tensors and metadata are the same bytes.
  ///
  /// - Throws: `TensorError.repeatedName`; `RecordError.cannotWrite`.
  public static func write(
    _ tensors: [(String, Tensor<Float>)], as type: StoredFloatType = .float32,
    metadata: [String: String] = [:], to url: URL
  ) throws {
    try write(tensors.map { .floats($0, $1, as: type) }, metadata: metadata, to: url)
  }

  /// The same for tensors of several element types, and for those that come in pieces.
  public static func write(
    _ entries: [SafetensorsEntry], metadata: [String: String] = [:], to url: URL
  ) throws {
    var names: Set<String> = ["__metadata__"]
    for entry in entries where !names.insert(entry.name).inserted {
      throw TensorError.repeatedName(path: url.path, tensor: entry.name)
    }
    let header = try self.header(entries, metadata: metadata)
    try AtomicFile.write(to: url) { take in
      try take(header)
      for entry in entries { try entry.forEachPiece { try FilePieces.pass($0, to: take) } }
    }
  }

  private static func header(_ entries: [SafetensorsEntry], metadata: [String: String]) throws
    -> Data
  {
    var parts: [String] = []
    if !metadata.isEmpty {
      let pairs = try metadata.sorted { $0.key < $1.key }
        .map { "\(try quoted($0.key)):\(try quoted($0.value))" }
      parts.append("\"__metadata__\":{\(pairs.joined(separator: ","))}")
    }
    var offset = 0
    for entry in entries {
      let end = offset + entry.byteCount
      let shape = entry.shape.map(String.init).joined(separator: ",")
      parts.append(
        "\(try quoted(entry.name)):{\"dtype\":\"\(entry.type.rawValue)\",\"shape\":[\(shape)],"
          + "\"data_offsets\":[\(offset),\(end)]}")
      offset = end
    }
    var text = Data("{\(parts.joined(separator: ","))}".utf8)
    text.append(contentsOf: Array(repeating: 0x20, count: (8 - text.count % 8) % 8))
    var data = withUnsafeBytes(of: UInt64(text.count).littleEndian) { Data($0) }
    data.append(text)
    return data
  }

  private static func quoted(_ text: String) throws -> String {
    String(decoding: try JSONRecord.encode(text, pretty: false), as: UTF8.self)
  }
}
