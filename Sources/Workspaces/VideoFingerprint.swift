import Foundation
import Records

/// What tells one video file from another: its size, its time of change, and a
/// hash of its size and of 16 pieces spread over it.
///
/// The hash survives copying and moving; size and time say cheaply whether it
/// must be computed again. It reads 256 KiB at most, so that a data set of 100 GB
/// is taken up in seconds; a change between the pieces that keeps the size is
/// not seen. A link is the file behind it.
public struct VideoFingerprint: Codable, Sendable, Equatable {
  /// The file's size in bytes.
  public let sizeBytes: Int64
  /// When it last changed, seconds since 1970.
  public let modifiedSeconds: Double
  /// SHA-256 of the size and the pieces.
  public let hash: String

  private static let pieceCount: Int64 = 16
  private static let pieceBytes: Int64 = 16 << 10

  /// For a file that could not be read; equal to no measured one.
  public static let unmeasured = VideoFingerprint(sizeBytes: 0, modifiedSeconds: 0, hash: "")

  public init(sizeBytes: Int64, modifiedSeconds: Double, hash: String) {
    self.sizeBytes = sizeBytes
    self.modifiedSeconds = modifiedSeconds
    self.hash = hash
  }

  /// Measures a file, or takes `known` where size and time still agree with it.
  ///
  /// - Throws: `WorkspaceError.unreadableVideo`.
  public static func measure(path: String, known: VideoFingerprint? = nil) throws
    -> VideoFingerprint
  {
    do {
      let entry = try Entry(path: path)
      if entry.isFolder { return try measureFolder(path: path, known: known) }
      if let known, known.agrees(sizeBytes: entry.sizeBytes, modified: entry.modifiedSeconds) {
        return known
      }
      return VideoFingerprint(
        sizeBytes: entry.sizeBytes, modifiedSeconds: entry.modifiedSeconds,
        hash: try hash(path: path, size: entry.sizeBytes))
    } catch let error as WorkspaceError {
      throw error
    } catch {
      throw WorkspaceError.unreadableVideo(path: path, reason: error.localizedDescription)
    }
  }

  private func agrees(sizeBytes: Int64, modified: Double) -> Bool {
    self != .unmeasured && self.sizeBytes == sizeBytes && abs(modifiedSeconds - modified) < 0.001
  }

  /// What the file system says of a file or folder, links followed.
  private struct Entry {
    let isFolder: Bool
    let sizeBytes: Int64
    let modifiedSeconds: Double

    init(path: String) throws {
      var status = stat()
      guard stat(path, &status) == 0 else {
        let code = POSIXErrorCode(rawValue: errno) ?? .EIO
        throw WorkspaceError.unreadableVideo(
          path: path,
          reason: code == .ENOENT ? "no such file" : POSIXError(code).localizedDescription)
      }
      let type = status.st_mode & S_IFMT
      guard type == S_IFREG || type == S_IFDIR else {
        throw WorkspaceError.unreadableVideo(path: path, reason: "neither a file nor a folder")
      }
      isFolder = type == S_IFDIR
      sizeBytes = Int64(status.st_size)
      modifiedSeconds = Double(status.st_mtim.tv_sec) + Double(status.st_mtim.tv_nsec) * 1e-9
    }
  }

  /// A folder of images: the sizes and names of all, and 16 spread over them hashed
  /// as files are.
  private static func measureFolder(path: String, known: VideoFingerprint?) throws
    -> VideoFingerprint
  {
    let manager = FileManager.default
    let names = try manager.contentsOfDirectory(atPath: path).filter { !$0.hasPrefix(".") }.sorted()
    var hash = ContentHash()
    var size: Int64 = 0
    var modified = 0.0
    var files: [(path: String, size: Int64)] = []
    for name in names {
      let file = path + "/" + name
      let entry = try Entry(path: file)
      guard !entry.isFolder else { continue }
      hash.update(name)
      hash.update(String(entry.sizeBytes))
      size += entry.sizeBytes
      modified = max(modified, entry.modifiedSeconds)
      files.append((file, entry.sizeBytes))
    }
    guard !files.isEmpty else {
      throw WorkspaceError.unreadableVideo(path: path, reason: "it is a folder without files")
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
