import Foundation
import Records
import Synchronization
import Tensors
import Video

/// Embeddings on disk, by content: `<folder>/embeddings/<name>.safetensors`.
///
/// Embeddings are written in groups, each a file of its own that is never changed: under a
/// temporary name, flushed, renamed. A crash therefore loses only the last group, and any
/// number of processes may share a folder. A file's modification date is the time of its
/// last use; where there are too many bytes or files, the oldest files are deleted. Files
/// that cannot be read are deleted. After a failed write, which
/// `failure` reports, nothing more is written; results do not change.
public final class EmbeddingCache: Sendable {
  /// The number of embeddings per group.
  public static let groupSize = 256
  /// The most files, whatever their size.
  public static let maximumFiles = 4096

  /// The folder of the files.
  public let folder: URL
  /// The limit on bytes on disk.
  public let maximumBytes: Int

  private struct State {
    var isIndexed = false
    /// The file of an embedding, and its row in it.
    var index: [EmbeddingKey: (file: Int, row: Int)] = [:]
    var files: [URL] = []
    /// Files that were read, by their number.
    var loaded: [Int: Tensor<Float>] = [:]
    var pending: [EmbeddingKey: [Float]] = [:]
    var failure: String?
  }

  private let state = Mutex(State())

  /// - Parameters:
  ///   - folder: the cache's folder; it is made by the first write.
  ///   - maximumBytes: the limit; half a gigabyte suffices for 250,000 embeddings of 512.
  public init(folder: URL, maximumBytes: Int = 512 << 20) {
    self.folder = folder.appendingPathComponent("embeddings")
    self.maximumBytes = maximumBytes
  }

  /// `XDG_CACHE_HOME/kess`, else `~/.cache/kess`.
  public static func defaultFolder(
    environment: [String: String] = ProcessInfo.processInfo.environment
  ) -> URL {
    if let cache = environment["XDG_CACHE_HOME"], cache.hasPrefix("/") {
      return URL(fileURLWithPath: cache).appendingPathComponent("kess")
    }
    let home =
      environment["HOME"].map { URL(fileURLWithPath: $0) }
      ?? FileManager.default.homeDirectoryForCurrentUser
    return home.appendingPathComponent(".cache/kess")
  }

  /// Why nothing more is written; nil without a failure.
  public var failure: String? { state.withLock { $0.failure } }

  /// The embedding of a key; nil where there is none of that width.
  package func embedding(_ key: EmbeddingKey, dimension: Int) -> [Float]? {
    state.withLock { state in
      if let pending = state.pending[key] { return pending }
      if !state.isIndexed { index(&state) }
      guard let place = state.index[key] else { return nil }
      guard let rows = rows(of: place.file, &state), rows.rank == 2, rows.shape[1] == dimension,
        place.row < rows.shape[0]
      else { return nil }
      return Array(rows.scalars[place.row * dimension..<(place.row + 1) * dimension])
    }
  }

  /// Stores an embedding; a full group is written at once.
  package func insert(_ embedding: [Float], for key: EmbeddingKey) {
    state.withLock { state in
      guard state.failure == nil, embedding.allSatisfy(\.isFinite) else { return }
      state.pending[key] = embedding
      if state.pending.count >= Self.groupSize { write(&state) }
    }
  }

  /// Writes the embeddings that are not written yet, and enforces the limits.
  public func flush() {
    state.withLock { write(&$0) }
  }

  /// Reads the keys of all files.
  private func index(_ state: inout State) {
    state.isIndexed = true
    for (url, _, _) in stored() where !url.lastPathComponent.hasPrefix(".") {
      guard let file = try? SafetensorsFile(url: url), let keys = file.metadata["keys"] else {
        try? FileManager.default.removeItem(at: url)
        continue
      }
      let number = state.files.count
      state.files.append(url)
      for (row, text) in keys.split(separator: " ").enumerated() {
        if let key = EmbeddingKey(text) { state.index[key] = (number, row) }
      }
    }
  }

  private func rows(of file: Int, _ state: inout State) -> Tensor<Float>? {
    if let loaded = state.loaded[file] { return loaded }
    let url = state.files[file]
    // Another process may have deleted it meanwhile.
    guard let rows = try? SafetensorsFile(url: url).tensor("embeddings") else { return nil }
    try? FileManager.default.setAttributes([.modificationDate: Date()], ofItemAtPath: url.path)
    // Frames of one video are in few files: a few in memory are enough.
    if state.loaded.count >= 8 { state.loaded.removeAll() }
    state.loaded[file] = rows
    return rows
  }

  private func write(_ state: inout State) {
    guard !state.pending.isEmpty, state.failure == nil else { return }
    // One width per file: encoders of different widths may share a cache.
    for (width, group) in Dictionary(grouping: state.pending, by: \.value.count) {
      let url = folder.appendingPathComponent("\(UUID().uuidString).safetensors")
      do {
        try Safetensors.write(
          [
            (
              "embeddings",
              Tensor(shape: [group.count, width], scalars: group.flatMap(\.value))
            )
          ], metadata: ["keys": group.map(\.key.text).joined(separator: " ")], to: url)
      } catch {
        state.failure = "\(error)"
        return
      }
      for (row, item) in group.enumerated() { state.index[item.key] = (state.files.count, row) }
      state.files.append(url)
    }
    state.pending = [:]
    evict()
  }

  /// Deletes the least recently used files, and partial files that a killed process left an
  /// hour ago or earlier.
  private func evict() {
    var files = stored()
    for (url, _, used) in files
    where url.lastPathComponent.hasPrefix(".") && used < Date().addingTimeInterval(-3600) {
      try? FileManager.default.removeItem(at: url)
    }
    files.removeAll { $0.url.lastPathComponent.hasPrefix(".") }
    files.sort { $0.used < $1.used }
    var bytes = files.reduce(0) { $0 + $1.bytes }
    var count = files.count
    for file in files where bytes > maximumBytes || count > Self.maximumFiles {
      try? FileManager.default.removeItem(at: file.url)
      bytes -= file.bytes
      count -= 1
    }
  }

  private func stored() -> [(url: URL, bytes: Int, used: Date)] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
    return names.filter { $0.hasSuffix(".safetensors") }.compactMap { name in
      let url = folder.appendingPathComponent(name)
      guard let attributes = try? FileManager.default.attributesOfItem(atPath: url.path) else {
        return nil
      }
      return (
        url, (attributes[.size] as? NSNumber)?.intValue ?? 0,
        attributes[.modificationDate] as? Date ?? .distantPast
      )
    }
  }
}

/// Names an embedding by its origin: the encoder (weights' hash and the whole identity) and
/// the pixels of its input. 128 bits of SHA-256.
package struct EmbeddingKey: Hashable, Sendable {
  let high: UInt64
  let low: UInt64

  init?(_ text: Substring) {
    guard text.utf8.count == 32, let high = UInt64(text.prefix(16), radix: 16),
      let low = UInt64(text.suffix(16), radix: 16)
    else { return nil }
    (self.high, self.low) = (high, low)
  }

  /// 32 hexadecimal digits.
  var text: String {
    [high, low].map { word in
      let digits = String(word, radix: 16)
      return String(repeating: "0", count: 16 - digits.count) + digits
    }.joined()
  }
}

/// Makes the keys of one encoder's embeddings.
package struct EmbeddingKeys: Sendable {
  private let prefix: String

  /// Nil where the hash of the encoder's weights is unknown: a name, or a server's address,
  /// does not identify weights.
  package init?(of identity: EncoderIdentity) {
    guard identity.weightsHash != nil,
      let record = try? JSONRecord.encode(identity, pretty: false)
    else { return nil }
    prefix = ContentHash.of(record)
  }

  /// The key of a picture that was prepared for the encoder.
  package func key(of picture: RGBImage) -> EmbeddingKey? {
    var hash = ContentHash()
    hash.update("\(prefix) \(picture.width)x\(picture.height)")
    hash.update(picture.pixels)
    return EmbeddingKey(hash.finalize().prefix(32))
  }
}
