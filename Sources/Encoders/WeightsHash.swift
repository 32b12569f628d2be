import Foundation
import Records
import Synchronization

/// The SHA-256 of a model's weights, computed when first asked for and once in
/// a process for each file: hashing 600 MB takes about a second.
final class WeightsHash: Sendable {
  private static let known = Mutex<[String: String]>([:])
  private let url: URL

  init(directory: URL) {
    url = directory.appendingPathComponent("model.safetensors").resolvingSymlinksInPath()
  }

  /// Nil where the file can no longer be read.
  var value: String? {
    let attributes = try? FileManager.default.attributesOfItem(atPath: url.path)
    let date = (attributes?[.modificationDate] as? Date)?.timeIntervalSince1970 ?? 0
    let key = "\(url.path) \(attributes?[.size] ?? 0) \(date)"
    return Self.known.withLock { known in
      if let hash = known[key] { return hash }
      let hash = try? ContentHash.ofFile(at: url)
      known[key] = hash
      return hash
    }
  }
}
