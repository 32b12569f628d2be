import Foundation
import Records
import Synchronization
import Tensors

/// The SHA-256 of a model's weights, computed once in a process for each model, beside what
/// else it does: hashing 600 MB takes about a second of one core. Weights in several
/// files hash as the list of the files' hashes, in order of their names.
final class WeightsHash: Sendable {
  private static let known = Mutex<[String: BackgroundWork<String>]>([:])
  private let work: BackgroundWork<String>
  private let key: String

  /// Begins to hash, if nobody has.
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
    // The next model of these files tries again.
    Self.known.withLock { $0[key] = nil }
    return nil
  }

  /// A file's path and what changes with its content.
  private static func version(of url: URL) -> String {
    let attributes = try? FileManager.default.attributesOfItem(atPath: url.path)
    let date = (attributes?[.modificationDate] as? Date)?.timeIntervalSince1970 ?? 0
    return "\(url.path) \(attributes?[.size] ?? 0) \(date)"
  }
}
