import Foundation

/// Writes files so that a crash leaves the old content or the new, never a part.
package enum AtomicFile {
  /// Replaces the file at `url`: writes a temporary name in the same folder,
  /// flushes it to the disk and renames it. Makes missing parent folders.
  ///
  /// - Throws: `RecordError.cannotWrite` with the path and the system's reason.
  package static func write(_ data: Data, to url: URL) throws {
    try write(to: url) { temporary in
      guard FileManager.default.createFile(atPath: temporary.path, contents: nil) else {
        throw RecordError.cannotWrite(path: url.path, reason: systemReason())
      }
      let handle = try FileHandle(forWritingTo: temporary)
      defer { try? handle.close() }
      try handle.write(contentsOf: data)
    }
  }

  /// The same where other code writes the content to a path: `body` gets the temporary
  /// name, with the final name's extension.
  package static func write(to url: URL, _ body: (URL) throws -> Void) throws {
    let folder = url.deletingLastPathComponent()
    let temporary = folder.appendingPathComponent(
      ".\(url.deletingPathExtension().lastPathComponent).\(ProcessInfo.processInfo.processIdentifier)"
        + "-\(UInt32.random(in: 0...UInt32.max)).\(url.pathExtension)")
    do {
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
      try body(temporary)
      let descriptor = open(temporary.path, O_RDONLY)
      guard descriptor >= 0 else {
        throw RecordError.cannotWrite(path: url.path, reason: systemReason())
      }
      let flushed = fsync(descriptor)
      close(descriptor)
      guard flushed == 0, rename(temporary.path, url.path) == 0 else {
        throw RecordError.cannotWrite(path: url.path, reason: systemReason())
      }
    } catch {
      try? FileManager.default.removeItem(at: temporary)
      if error is any ReportableError { throw error }
      throw RecordError.cannotWrite(path: url.path, reason: error.localizedDescription)
    }
  }

  /// The same for content in pieces: `body` gets a function that takes the next one. At
  /// most one mebibyte is kept in memory.
  package static func write(
    to url: URL, pieces body: (_ take: (Data) throws -> Void) throws -> Void
  ) throws {
    try write(to: url) { temporary in
      guard FileManager.default.createFile(atPath: temporary.path, contents: nil) else {
        throw RecordError.cannotWrite(path: url.path, reason: systemReason())
      }
      let handle = try FileHandle(forWritingTo: temporary)
      defer { try? handle.close() }
      var buffer = Data()
      try body { piece in
        buffer.append(piece)
        guard buffer.count >= 1 << 20 else { return }
        try handle.write(contentsOf: buffer)
        buffer.removeAll(keepingCapacity: true)
      }
      try handle.write(contentsOf: buffer)
    }
  }

  private static func systemReason() -> String {
    String(cString: strerror(errno))
  }
}

/// The sizes of files.
package enum FileSize {
  /// The number of bytes of a file, links followed; nil where there is no file.
  package static func bytes(at url: URL) -> Int? {
    var status = stat()
    guard stat(url.path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
    return Int(status.st_size)
  }
}

/// Folders on disk.
package enum Folder {
  /// Whether a path is a folder, links followed.
  package static func exists(at url: URL) -> Bool {
    var isFolder: ObjCBool = false
    return FileManager.default.fileExists(atPath: url.path, isDirectory: &isFolder)
      && isFolder.boolValue
  }
}
