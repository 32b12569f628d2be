import Foundation

/// The identity of a video file: its size, its modification time, and a hash of its size and
/// of 16 pieces spread over it. The hash is the one content hash of a video: the ledger,
/// selection records, features and curves recognize a video by it.
///
/// The hash stays the same when the file is copied or moved. Size and time show cheaply
/// whether it must be computed again. Computing it reads at most 256 KiB, so that a data set
/// of 100 GB takes seconds; a change between the pieces that keeps the size goes unnoticed.
/// For a symbolic link, the target is measured.
public struct VideoFingerprint: Codable, Sendable, Equatable {
  /// The file's size in bytes.
  public let sizeBytes: Int64
  /// The file's modification time, seconds since 1970.
  public let modifiedSeconds: Double
  /// SHA-256 of the size and the pieces.
  public let hash: String

  /// The rule of `hash` in words, for records.
  public static let hashRule = "SHA-256 of the size and of 16 pieces of 16 KiB"

  private static let pieceCount: Int64 = 16
  private static let pieceBytes: Int64 = 16 << 10

  /// The fingerprint of a file that could not be read. It never equals a measured one.
  public static let unmeasured = VideoFingerprint(sizeBytes: 0, modifiedSeconds: 0, hash: "")

  public init(sizeBytes: Int64, modifiedSeconds: Double, hash: String) {
    self.sizeBytes = sizeBytes
    self.modifiedSeconds = modifiedSeconds
    self.hash = hash
  }

  /// Measures a file, or returns `known` if its size and time still agree. Stages call
  /// `Ledger.fingerprint(of:)`, which keeps the result.
  ///
  /// - Throws: `RecordError.unreadableVideo` with the path and the reason.
  public static func measure(path: String, known: VideoFingerprint? = nil) throws
    -> VideoFingerprint
  {
    do {
      let entry = try Entry(path: path)
      if entry.isFolder { return try measureFolder(path: path, known: known) }
      if path.lowercased().hasSuffix(".m3u8") {
        return try measure(files: playlistFiles(path), in: path, known: known)
      }
      if let known, known.agrees(sizeBytes: entry.sizeBytes, modified: entry.modifiedSeconds) {
        return known
      }
      return VideoFingerprint(
        sizeBytes: entry.sizeBytes, modifiedSeconds: entry.modifiedSeconds,
        hash: try hash(path: path, size: entry.sizeBytes))
    } catch let error as RecordError {
      throw error
    } catch {
      throw RecordError.unreadableVideo(path: path, reason: error.localizedDescription)
    }
  }

  private func agrees(sizeBytes: Int64, modified: Double) -> Bool {
    self != .unmeasured && self.sizeBytes == sizeBytes && abs(modifiedSeconds - modified) < 0.001
  }

  /// A file or folder as the file system reports it, with links followed.
  private struct Entry {
    let isFolder: Bool
    let sizeBytes: Int64
    let modifiedSeconds: Double

    init(path: String) throws {
      var status = stat()
      guard stat(path, &status) == 0 else {
        let code = POSIXErrorCode(rawValue: errno) ?? .EIO
        throw RecordError.unreadableVideo(
          path: path,
          reason: code == .ENOENT ? "no such file" : POSIXError(code).localizedDescription)
      }
      let type = status.st_mode & S_IFMT
      guard type == S_IFREG || type == S_IFDIR else {
        throw RecordError.unreadableVideo(path: path, reason: "neither a file nor a folder")
      }
      isFolder = type == S_IFDIR
      sizeBytes = Int64(status.st_size)
      modifiedSeconds = Double(status.st_mtim.tv_sec) + Double(status.st_mtim.tv_nsec) * 1e-9
    }
  }

  /// Measures a folder of images: the names and sizes of all images, and the hashes of 16
  /// images spread over them.
  private static func measureFolder(path: String, known: VideoFingerprint?) throws
    -> VideoFingerprint
  {
    let manager = FileManager.default
    let names = try manager.contentsOfDirectory(atPath: path).filter { !$0.hasPrefix(".") }.sorted()
    return try measure(files: names.map { ($0, path + "/" + $0) }, in: path, known: known)
  }

  /// A playlist and the files that it names, which are its video.
  private static func playlistFiles(_ path: String) throws -> [(name: String, path: String)] {
    let folder = (path as NSString).deletingLastPathComponent
    let text = String(decoding: try Data(contentsOf: URL(fileURLWithPath: path)), as: UTF8.self)
    let named = text.split(whereSeparator: \.isNewline)
      .map { $0.trimmingCharacters(in: .whitespaces) }.filter { !$0.isEmpty && !$0.hasPrefix("#") }
      .map { ($0, (folder as NSString).appendingPathComponent($0)) }
    return [((path as NSString).lastPathComponent, path)]
      + named.filter { FileManager.default.fileExists(atPath: $0.1) }
  }

  /// Measures the files of one video: names, sizes, and the hashes of 16 of them.
  private static func measure(
    files named: [(name: String, path: String)], in path: String, known: VideoFingerprint?
  ) throws -> VideoFingerprint {
    var hash = ContentHash()
    var size: Int64 = 0
    var modified = 0.0
    var files: [(path: String, size: Int64)] = []
    for (name, file) in named {
      let entry = try Entry(path: file)
      guard !entry.isFolder else { continue }
      hash.update(name)
      hash.update(String(entry.sizeBytes))
      size += entry.sizeBytes
      modified = max(modified, entry.modifiedSeconds)
      files.append((file, entry.sizeBytes))
    }
    guard !files.isEmpty else {
      throw RecordError.unreadableVideo(path: path, reason: "it is a folder without files")
    }
    if let known, known.agrees(sizeBytes: size, modified: modified) { return known }
    let pieces = min(files.count, Int(pieceCount))
    for piece in 0..<pieces {
      let file = files[pieces == 1 ? 0 : (files.count - 1) * piece / (pieces - 1)]
      hash.update(try Self.hash(path: file.path, size: file.size))
    }
    return VideoFingerprint(sizeBytes: size, modifiedSeconds: modified, hash: hash.finalize())
  }

  private static func hash(path: String, size: Int64) throws -> String {
    let handle = try FileHandle(forReadingFrom: URL(fileURLWithPath: path))
    defer { try? handle.close() }
    var hash = ContentHash()
    hash.update(String(size))
    guard size > pieceCount * pieceBytes else {
      hash.update(try handle.readToEnd() ?? Data())
      return hash.finalize()
    }
    for piece in 0..<pieceCount {
      let offset = (size - pieceBytes) * piece / (pieceCount - 1)
      try handle.seek(toOffset: UInt64(offset))
      hash.update(try handle.read(upToCount: Int(pieceBytes)) ?? Data())
    }
    return hash.finalize()
  }
}
