import Foundation

/// Which files of a folder are videos, by their names.
public enum VideoFiles {
  /// The lower-case extensions that count as video.
  public static let extensions: Set<String> = [
    "3gp", "asf", "avi", "dav", "flv", "m2ts", "m4v", "mkv", "mov", "mp4", "mpeg", "mpg", "mts",
    "mxf", "ogv", "ts", "vob", "webm", "wmv",
  ]

  /// Whether a path's extension is one of a video's; the file is not opened.
  public static func isVideo(path: String) -> Bool {
    extensions.contains((path as NSString).pathExtension.lowercased())
  }

  /// The videos directly in a folder, sorted by name; hidden files and folders
  /// are left out. Empty when the folder cannot be read.
  public static func list(in folder: URL) -> [URL] {
    let entries =
      (try? FileManager.default.contentsOfDirectory(
        at: folder, includingPropertiesForKeys: [.isDirectoryKey], options: .skipsHiddenFiles))
      ?? []
    return entries.filter { entry in
      var isFolder: ObjCBool = false
      return isVideo(path: entry.path)
        && FileManager.default.fileExists(atPath: entry.path, isDirectory: &isFolder)
        && !isFolder.boolValue
    }.sorted { $0.lastPathComponent < $1.lastPathComponent }
  }
}
