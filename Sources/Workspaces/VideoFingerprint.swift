import Foundation
import Records

/// What tells one video file from another: its size, its time of change, and a
/// hash of its size and of 16 pieces spread over it.
///
/// The hash survives copying and moving; size and time say cheaply whether it
/// must be computed again. It reads 256 KiB at most, so that a data set of 100 GB
/// is taken up in seconds; a change between the pieces that keeps the size is
/// not seen.
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
      let attributes = try FileManager.default.attributesOfItem(atPath: path)
      if attributes[.type] as? FileAttributeType == .typeDirectory {
        return try measureFolder(path: path, known: known)
      }
      let size = (attributes[.size] as? NSNumber)?.int64Value ?? 0
      let modified = (attributes[.modificationDate] as? Date)?.timeIntervalSince1970 ?? 0
      if let known, known != .unmeasured, known.sizeBytes == size,
        abs(known.modifiedSeconds - modified) < 0.001
      {
        return known
      }
      return VideoFingerprint(
        sizeBytes: size, modifiedSeconds: modified, hash: try hash(path: path, size: size))
    } catch let error as WorkspaceError {
      throw error
    } catch {
      throw WorkspaceError.unreadableVideo(
        path: path,
        reason: FileManager.default.fileExists(atPath: path)
          ? error.localizedDescription : "no such file")
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
      let attributes = try manager.attributesOfItem(atPath: file)
      guard attributes[.type] as? FileAttributeType != .typeDirectory else { continue }
      let bytes = (attributes[.size] as? NSNumber)?.int64Value ?? 0
      hash.update(name)
      hash.update(String(bytes))
      size += bytes
      modified = max(
        modified, (attributes[.modificationDate] as? Date)?.timeIntervalSince1970 ?? 0)
      files.append((file, bytes))
    }
    guard !files.isEmpty else {
      throw WorkspaceError.unreadableVideo(path: path, reason: "it is a folder without files")
    }
    if let known, known != .unmeasured, known.sizeBytes == size,
      abs(known.modifiedSeconds - modified) < 0.001
    {
      return known
    }
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
