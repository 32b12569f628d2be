import Foundation
import Records
import Tensors
import Video

/// What is known of one video's snippet features, kept beside them.
public struct SnippetFeatureRecord: Codable, Sendable, Equatable {
  /// The video's path when it was read.
  public var path: String
  /// The file's length in bytes: a file of another length is read anew.
  public var fileBytes: Int
  /// How many frames decoded.
  public var frameCount: Int
  /// Frames per second on average, by the timestamps.
  public var frameRate: Double
  /// How many rows the features have.
  public var snippetCount: Int

  /// When a snippet begins and ends, in seconds.
  public func interval(ofSnippet index: Int) -> ClosedRange<Double> {
    let rate = frameRate > 0 ? frameRate : 25
    let first = Double(index * SnippetFeatures.frameCount) / rate
    let last = Double(min((index + 1) * SnippetFeatures.frameCount, frameCount)) / rate
    return first...max(first, last)
  }
}

/// Snippet features on disk: `<root>/<key>/<id>.npy`, float32 [n, dimension],
/// with `<id>.json` (`SnippetFeatureRecord`) beside each and `encoder.json` for
/// all. Files are written atomically, so several threads may fill one store.
public struct SnippetFeatureStore: Sendable {
  /// `<root>/<key>`.
  public let folder: URL
  /// The key: the encoder's identity and pooling, short.
  public let key: String
  public let encoder: any SnippetEncoder

  /// Opens or makes the store of one encoder below `root`.
  public init(root: URL, encoder: any SnippetEncoder) throws {
    self.encoder = encoder
    key = Self.key(for: encoder)
    folder = root.appendingPathComponent(key)
    let identityFile = folder.appendingPathComponent("encoder.json")
    if !FileManager.default.fileExists(atPath: identityFile.path) {
      try JSONRecord.write(encoder.identity, to: identityFile)
    }
  }

  /// A readable name with enough of a hash to keep encoders apart.
  public static func key(for encoder: any SnippetEncoder) -> String {
    let identity = encoder.identity
    var hash = ContentHash()
    for part in [
      identity.kind, identity.model, identity.revision ?? "", identity.weightsHash ?? "",
      "\(identity.dimension)", "\(SnippetFeatures.frameCount)",
    ] + (identity.precision.map { [$0] } ?? []) {
      hash.update(part)
    }
    let name = identity.model.map { $0.isLetter || $0.isNumber || $0 == "." ? $0 : "-" }
    return "\(identity.kind)-\(String(name))-\(hash.finalize().prefix(10))"
  }

  /// The features of one video: from the store, or extracted and stored when
  /// they are missing or the file's length has changed.
  public func features(id: String, path: String) throws -> (
    features: Tensor<Float>, record: SnippetFeatureRecord, wasCached: Bool
  ) {
    let bytes =
      (try? FileManager.default.attributesOfItem(atPath: path)[.size] as? Int) ?? nil
    if let stored = try stored(id: id), bytes == nil || stored.record.fileBytes == bytes {
      return (stored.features, stored.record, true)
    }
    let extracted = try SnippetFeatures.read(path: path, encoder: encoder)
    let record = SnippetFeatureRecord(
      path: path, fileBytes: bytes ?? 0, frameCount: extracted.decodedFrameCount,
      frameRate: extracted.frameRate, snippetCount: extracted.rows.shape[0])
    try Npy.write(extracted.rows, to: featuresFile(id))
    try JSONRecord.write(record, to: recordFile(id))
    return (extracted.rows, record, false)
  }

  /// What is stored of one video, or nil.
  public func stored(id: String) throws -> (
    features: Tensor<Float>, record: SnippetFeatureRecord
  )? {
    guard FileManager.default.fileExists(atPath: recordFile(id).path) else { return nil }
    let record = try JSONRecord.read(SnippetFeatureRecord.self, from: recordFile(id))
    let features = try Npy.read(featuresFile(id))
    guard features.shape == [record.snippetCount, encoder.identity.dimension] else {
      throw RecordError.wrongFormat(
        path: featuresFile(id).path, found: "shape \(features.shape)",
        expected:
          "\([record.snippetCount, encoder.identity.dimension]); delete the file to make it anew")
    }
    return (features, record)
  }

  private func featuresFile(_ id: String) -> URL { folder.appendingPathComponent("\(id).npy") }
  private func recordFile(_ id: String) -> URL { folder.appendingPathComponent("\(id).json") }
}
