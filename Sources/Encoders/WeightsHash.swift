import Foundation
import Records
import Synchronization
import Tensors

/// The SHA-256 of a model's weights, computed when first asked for and once in
/// a process for each file: hashing 600 MB takes about a second. Weights in several
/// files hash as the list of the files' hashes, in order of their names.
final class WeightsHash: Sendable {
  private static let known = Mutex<[String: String]>([:])
  private let urls: [URL]

  init(_ file: any TensorFile) {
    urls = ((file as? ShardedTensorFile)?.shardURLs ?? [file.url]).map {
      $0.resolvingSymlinksInPath()
    }
  }

  /// Nil where a file can no longer be read.
  var value: String? {
    let hashes = urls.compactMap(Self.hash)
    guard hashes.count == urls.count else { return nil }
    return hashes.count == 1
      ? hashes[0] : ContentHash.of(Array(hashes.joined(separator: "\n").utf8))
  }

  private static func hash(of url: URL) -> String? {
    let attributes = try? FileManager.default.attributesOfItem(atPath: url.path)
    let date = (attributes?[.modificationDate] as? Date)?.timeIntervalSince1970 ?? 0
    let key = "\(url.path) \(attributes?[.size] ?? 0) \(date)"
    return known.withLock { known in
      if let hash = known[key] { return hash }
      let hash = try? ContentHash.ofFile(at: url)
      known[key] = hash
      return hash
    }
  }
}
