import Foundation
import HTTP
import Records

/// Fetches what a model needs from a hub into the cache: configuration and
/// tokenizer first, then the best weights. The revision's reference is written last, so
/// that an incomplete model is not found by its name.
package struct HubModelDownload: Sendable {
  /// The progress of one file.
  package struct Progress: Sendable {
    package let file: HubFile
    package let bytes: Int
  }

  /// The fetched model.
  package struct Result: Sendable {
    package let directory: URL
    package let commit: String
    package let files: [HubFile]
  }

  private let client: HubClient
  private let cache: HubCache

  package init(client: HubClient, cache: HubCache) {
    self.client = client
    self.cache = cache
  }

  /// Fetches the files that are missing or damaged.
  ///
  /// - Parameter progress: called from the download's own task.
  /// - Throws: `HubError`, `CancellationError`.
  package func fetch(
    _ id: HubModelID, progress: @escaping @Sendable (Progress) -> Void = { _ in }
  ) async throws -> Result {
    let listing = try await client.listing(of: id)
    let small = listing.files.filter { HubFileSelection.isSmall($0.path) }
    try await fetch(small, of: id, commit: listing.commit, progress)
    let directory = cache.snapshot(of: id.name, commit: listing.commit)
    let weights = HubFileSelection.weights(
      among: listing.files, prefersOpenCLIP: Self.isOpenCLIPOnly(directory))
    guard !weights.isEmpty else {
      throw HubError.nothingToFetch(model: id.name, files: listing.files.map(\.path))
    }
    try await fetch(weights, of: id, commit: listing.commit, progress)
    try cache.setReference(id, commit: listing.commit)
    return Result(directory: directory, commit: listing.commit, files: small + weights)
  }

  private func fetch(
    _ files: [HubFile], of id: HubModelID, commit: String,
    _ progress: @escaping @Sendable (Progress) -> Void
  ) async throws {
    for file in files {
      try await HubFileDownload(
        file: file, id: id, commit: commit, client: client, cache: cache,
        progress: { progress(Progress(file: file, bytes: $0)) }
      ).run()
      try cache.link(file, of: id.name, commit: commit)
    }
  }

  /// Whether the repository has open_clip's configuration and none of transformers'
  /// (timm's have weights of their own under the usual name).
  private static func isOpenCLIPOnly(_ directory: URL) -> Bool {
    struct Configuration: Decodable {
      var modelType: String?

      enum CodingKeys: String, CodingKey {
        case modelType = "model_type"
      }
    }
    func data(_ name: String) -> Data? {
      try? Data(contentsOf: directory.appendingPathComponent(name))
    }
    guard data("open_clip_config.json") != nil else { return false }
    let stated = data("config.json").flatMap {
      try? JSONDecoder().decode(Configuration.self, from: $0)
    }
    return stated?.modelType == nil
  }
}

/// Fetches one file into the cache's blobs: resumed where an earlier run ended,
/// verified, flushed, renamed. The partial file's name contains the content's hash, so
/// that a resumed part has the same bytes. One process at a time receives a file; others
/// wait, and find it complete.
struct HubFileDownload {
  let file: HubFile
  let id: HubModelID
  let commit: String
  let client: HubClient
  let cache: HubCache
  /// Called with the number of bytes received so far.
  let progress: @Sendable (_ bytes: Int) -> Void

  private var blob: URL { cache.blob(file.hash, of: id.name) }
  private var partial: URL { blob.appendingPathExtension("incomplete") }
  /// Where huggingface_hub locks the same file.
  private var lockFile: URL {
    let model = blob.deletingLastPathComponent().deletingLastPathComponent()
    return model.deletingLastPathComponent().appendingPathComponent(".locks")
      .appendingPathComponent(model.lastPathComponent)
      .appendingPathComponent("\(blob.lastPathComponent).lock")
  }

  /// - Throws: `HubError`, `CancellationError`.
  func run() async throws {
    if try isWhole() { return progress(file.byteCount) }
    let lock = try await lockedDescriptor()
    defer { close(lock) }
    if try isWhole() { return progress(file.byteCount) }
    try prepare()
    var wasResumed = FileSize.bytes(at: partial) ?? 0 > 0
    while true {
      try await receiveAll()
      let found = try file.hash.ofFile(at: partial)
      if found == file.hash.digits { break }
      try? FileManager.default.removeItem(at: partial)
      // The part of an earlier run may be damaged: one more attempt from the start.
      guard wasResumed else {
        throw HubError.wrongHash(
          file: "\(id.name)/\(file.path)", found: found, expected: file.hash.digits)
      }
      wasResumed = false
    }
    guard rename(partial.path, blob.path) == 0 else { throw cannotWrite() }
  }

  /// Whether an earlier run's file exists with the right content; a damaged one is
  /// removed.
  private func isWhole() throws -> Bool {
    guard FileSize.bytes(at: blob) == file.byteCount else { return false }
    if try file.hash.ofFile(at: blob) == file.hash.digits { return true }
    try? FileManager.default.removeItem(at: blob)
    return false
  }

  /// Waits without holding a thread. The system releases the lock when a process ends.
  private func lockedDescriptor() async throws -> Int32 {
    _ = try makeFolder(of: lockFile)
    let descriptor = open(lockFile.path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw cannotWrite() }
    do {
      while flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
        guard errno == EWOULDBLOCK || errno == EINTR else { throw cannotWrite() }
        try await Task.sleep(for: .milliseconds(200))
      }
    } catch {
      close(descriptor)
      throw error
    }
    return descriptor
  }

  private func makeFolder(of file: URL) throws -> URL {
    let folder = file.deletingLastPathComponent()
    do {
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    } catch {
      throw HubError.cannotWrite(path: folder.path, reason: error.localizedDescription)
    }
    return folder
  }

  private func prepare() throws {
    let folder = try makeFolder(of: blob)
    if let have = FileSize.bytes(at: partial), have > file.byteCount {
      try? FileManager.default.removeItem(at: partial)
    }
    var space = statvfs()
    let needed = file.byteCount - (FileSize.bytes(at: partial) ?? 0)
    guard statvfs(folder.path, &space) == 0 else { throw cannotWrite() }
    let free = Int(space.f_bavail) * Int(space.f_frsize)
    guard needed <= free else {
      throw HubError.noSpace(folder: folder.path, neededBytes: needed, freeBytes: free)
    }
  }

  /// Receives until the file is complete. Each attempt that receives bytes resets the
  /// count.
  private func receiveAll() async throws {
    var attempts = 0
    while true {
      let start = FileSize.bytes(at: partial) ?? 0
      do {
        try await receive(from: start)
        return
      } catch let failure as NetworkFailure {
        let isFurther = (FileSize.bytes(at: partial) ?? 0) > start
        attempts = isFurther ? 1 : attempts + 1
        guard failure.isRetryable, attempts < client.retries.maximumAttempts else {
          throw HubError.unreachable(endpoint: client.endpoint, reason: failure.reason)
        }
        try await client.retries.sleep(
          client.retries.waitSeconds(afterAttempts: attempts, retryAfter: nil))
      }
    }
  }

  private func receive(from start: Int) async throws {
    let descriptor = open(partial.path, O_WRONLY | O_CREAT, 0o644)
    guard descriptor >= 0 else { throw cannotWrite() }
    defer { close(descriptor) }
    guard start < file.byteCount || file.byteCount == 0 else { return }
    var position = start
    if file.byteCount > 0 {
      let opened = try await client.open(file, of: id, commit: commit, from: start)
      // A server without ranges sends everything again.
      if opened.head.status == 200 { position = 0 }
      if opened.head.status == 206, let range = opened.head["content-range"],
        !range.hasPrefix("bytes \(start)-")
      {
        throw HubError.unexpectedAnswer(
          address: client.endpoint, found: "the range '\(range)'",
          expected: "bytes from \(start) on")
      }
      guard ftruncate(descriptor, off_t(position)) == 0,
        lseek(descriptor, off_t(position), SEEK_SET) == position
      else { throw cannotWrite() }
      for try await event in opened.events {
        guard case .body(let piece) = event else { continue }
        try write(piece, to: descriptor)
        position += piece.count
        progress(position)
      }
      try Task.checkCancellation()
    }
    guard position == file.byteCount else {
      throw NetworkFailure(
        kind: .connectionLost, reason: "received \(position) of \(file.byteCount) bytes")
    }
    guard fsync(descriptor) == 0 else { throw cannotWrite() }
  }

  private func write(_ piece: Data, to descriptor: Int32) throws {
    var rest = piece[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { Foundation.write(descriptor, $0.baseAddress, $0.count) }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { throw cannotWrite() }
      rest = rest.dropFirst(count)
    }
  }

  private func cannotWrite() -> HubError {
    .cannotWrite(path: partial.path, reason: String(cString: strerror(errno)))
  }
}
