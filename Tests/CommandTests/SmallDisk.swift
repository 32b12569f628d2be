import Foundation
import TestSupport

/// A file system in memory, of a chosen size.
final class SmallDisk {
  let folder: URL

  /// Nil where mounting is not allowed.
  init?(in parent: TemporaryFolder, kibibytes: Int) throws {
    folder = parent.file("disk-\(kibibytes)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let mount = try CommandRun.run(
      "/bin/mount", ["-t", "tmpfs", "-o", "size=\(kibibytes)k", "tmpfs", folder.path],
      in: parent.url)
    guard mount.exitCode == 0 else { return nil }
  }

  static let canMount: Bool = {
    guard let folder = try? TemporaryFolder(),
      let disk = try? SmallDisk(in: folder, kibibytes: 64)
    else { return false }
    disk.remove()
    return true
  }()

  func grow(toKibibytes size: Int) throws -> Bool {
    try CommandRun.run(
      "/bin/mount", ["-o", "remount,size=\(size)k", folder.path], in: folder
    ).exitCode == 0
  }

  /// Writes a file that leaves so much room.
  ///
  /// - Returns: the file; removing it makes room again.
  func fill(leavingKibibytes room: Int) throws -> URL {
    let values = try FileManager.default.attributesOfFileSystem(forPath: folder.path)
    let free = (values[.systemFreeSize] as? NSNumber)?.intValue ?? 0
    let filler = folder.appendingPathComponent("filler")
    try Data(count: max(0, free - room * 1024)).write(to: filler)
    return filler
  }

  /// Takes it away, with whatever still uses it.
  func remove() {
    _ = try? CommandRun.run("/bin/umount", ["-l", folder.path], in: URL(fileURLWithPath: "/"))
  }
}
