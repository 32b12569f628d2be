import Foundation
import Records
import Synchronization
import Tensors
import Video

/// Embeddings on disk, by content: `<folder>/embeddings/<name>.safetensors`.
///
/// Embeddings are written in groups, each a file of its own that is never changed:
/// under a temporary name, flushed, renamed. So a crash loses the last group only,
/// and any number of processes may share a folder. A file's time is that of its
/// last use; the oldest go where there are too many bytes or files. What cannot be
/// read is taken away; what cannot be written is said once, in `failure`, and costs
/// the cache, not the result.
public final class EmbeddingCache: Sendable {
  /// How many embeddings make a group.
  public static let groupSize = 256
  /// The most files, whatever their size.
  public static let maximumFiles = 4096

  /// Where the files are.
  public let folder: URL
  /// The most bytes that stay on disk.
  public let maximumBytes: Int

  private struct State {
    var isIndexed = false
    /// Where an embedding is: a file, and the row in it.
    var index: [EmbeddingKey: (file: Int, row: Int)] = [:]
    var files: [URL] = []
    /// Files that were read, by their number.
    var loaded: [Int: Tensor<Float>] = [:]
    var pending: [EmbeddingKey: [Float]] = [:]
    var failure: String?
  }

  private let state = Mutex(State())

  /// - Parameters:
  ///   - folder: the cache's folder; it is made when first written to.
  ///   - maximumBytes: the bound; half a gigabyte holds 250,000 embeddings of 512.
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

  /// Why nothing more is written; nil as long as all is well.
  public var failure: String? { state.withLock { $0.failure } }

  /// The embedding of a key; nil where there is none of that width.
  public func embedding(_ key: EmbeddingKey, dimension: Int) -> [Float]? {
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

  /// Keeps an embedding; a full group is written at once.
  public func insert(_ embedding: [Float], for key: EmbeddingKey) {
    state.withLock { state in
      guard state.failure == nil, embedding.allSatisfy(\.isFinite) else { return }
      state.pending[key] = embedding
      if state.pending.count >= Self.groupSize { write(&state) }
    }
  }

  /// Writes what is not written yet, and keeps to the bounds.
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
    // Another process may have evicted it meanwhile.
    guard let rows = try? SafetensorsFile(url: url).tensor("embeddings") else { return nil }
    try? FileManager.default.setAttributes([.modificationDate: Date()], ofItemAtPath: url.path)
    // Frames of one video lie in few files: a handful in memory is enough.
    if state.loaded.count >= 8 { state.loaded.removeAll() }
    state.loaded[file] = rows
    return rows
  }

  private func write(_ state: inout State) {
    guard !state.pending.isEmpty, state.failure == nil else { return }
    // Of one width each: encoders of several may share a cache.
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

  /// Takes away the files that were longest not used, and what a killed process
  /// left half-written an hour ago.
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

/// Names an embedding by what it is made of: the encoder (weights' hash and all that
/// its identity says) and the pixels that it gets. 128 bits of SHA-256.
public struct EmbeddingKey: Hashable, Sendable {
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
public struct EmbeddingKeys: Sendable {
  private let prefix: String

  /// Nil where the hash of the encoder's weights is unknown: a name, or a server's
  /// address, does not say which weights they are.
  public init?(of identity: EncoderIdentity) {
    guard identity.weightsHash != nil,
      let record = try? JSONRecord.encode(identity, pretty: false)
    else { return nil }
    prefix = ContentHash.of(record)
  }

  /// The key of a picture as the encoder gets it.
  public func key(of picture: RGBImage) -> EmbeddingKey? {
    var hash = ContentHash()
    hash.update("\(prefix) \(picture.width)x\(picture.height)")
    hash.update(picture.pixels)
    return EmbeddingKey(hash.finalize().prefix(32))
  }
}
