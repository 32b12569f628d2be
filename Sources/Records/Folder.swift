import Foundation

/// What is there under a path.
public enum Folder {
  /// Whether there is a folder, links followed.
  public static func exists(at url: URL) -> Bool {
    var isFolder: ObjCBool = false
    return FileManager.default.fileExists(atPath: url.path, isDirectory: &isFolder)
      && isFolder.boolValue
  }
}
