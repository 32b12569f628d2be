import Foundation
import Records
import Video

/// The files below a folder. Links are followed, and hidden names are left out.
package struct FolderScan {
  /// A file below the root.
  struct File {
    var url: URL
    /// The folders between the root and the file, outermost first.
    var folders: [String]
    /// Whether it is a folder of numbered images.
    var isImageFolder = false
    var name: String { url.lastPathComponent }
    var stem: String {
      isImageFolder ? name : url.deletingPathExtension().lastPathComponent
    }
    var relativePath: String { (folders + [name]).joined(separator: "/") }
  }

  let root: URL
  /// Whether a folder of numbered images counts as a video.
  let takesImageFolders: Bool
  /// The videos by their extensions, in the order of their relative paths.
  private(set) var videos: [File] = []
  /// All other files, from shallow to deep, in the order of their relative paths.
  private(set) var others: [File] = []
  /// The files and folders that cannot be opened because their names are not UTF-8, as
  /// relative paths with `\xe9` for such a byte.
  private(set) var undecodable: [String] = []

  init(root: URL, takesImageFolders: Bool = false) {
    self.root = root
    self.takesImageFolders = takesImageFolders
    // A folder is entered once, also if a link leads back to it.
    var seen: Set<String> = []
    visit(root, folders: [], seen: &seen)
    leaveOutSegments()
    videos.sort { $0.relativePath < $1.relativePath }
    others.sort { ($0.folders.count, $0.relativePath) < ($1.folders.count, $1.relativePath) }
  }

  /// The files that a playlist names are parts of its video, and no videos of their own.
  private mutating func leaveOutSegments() {
    var parts: Set<String> = []
    for video in videos where LocalPlaylist.isPlaylist(video.url.path) {
      parts.formUnion((try? LocalPlaylist(path: video.url.path).files) ?? [])
    }
    guard !parts.isEmpty else { return }
    func isPart(_ file: File) -> Bool { parts.contains(file.url.resolvingSymlinksInPath().path) }
    videos.removeAll(where: isPart)
    others.removeAll(where: isPart)
  }

  /// All other files that match a pattern.
  func files(matching patterns: [String]) -> [File] {
    others.filter { file in patterns.contains { ShellPattern.matches(file.relativePath, $0) } }
  }

  /// The first of the other files that matches a pattern: earlier patterns first, then
  /// shallower files.
  func file(matching patterns: [String]) -> File? {
    for pattern in patterns {
      if let found = others.first(where: { ShellPattern.matches($0.name, pattern) }) {
        return found
      }
    }
    return nil
  }

  /// Whether a folder holds a JPEG or PNG image whose name ends in a number, so that
  /// `Video.ImageFolder` reads the folder as a video.
  package static func holdsNumberedImages(_ folder: URL) -> Bool {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
    return names.contains { name in
      let parts = name as NSString
      guard !name.hasPrefix("."), ["jpg", "jpeg", "png"].contains(parts.pathExtension.lowercased())
      else { return false }
      let digits = parts.deletingPathExtension.reversed().prefix { $0.isASCII && $0.isNumber }
      return Int(String(digits.reversed())) != nil
    }
  }

  private mutating func visit(_ folder: URL, folders: [String], seen: inout Set<String>) {
    let manager = FileManager.default
    guard seen.insert(folder.resolvingSymlinksInPath().path).inserted,
      let entries = FolderEntries(of: folder.path)
    else { return }
    undecodable += entries.undecodable.map { (folders + [$0]).joined(separator: "/") }
    for name in entries.names where !name.hasPrefix(".") {
      let url = folder.appendingPathComponent(name)
      var isFolder: ObjCBool = false
      guard manager.fileExists(atPath: url.path, isDirectory: &isFolder) else { continue }
      if isFolder.boolValue {
        if takesImageFolders, Self.holdsNumberedImages(url) {
          videos.append(File(url: url, folders: folders, isImageFolder: true))
          continue
        }
        visit(url, folders: folders + [name], seen: &seen)
      } else if VideoFiles.isVideo(path: url.path) {
        videos.append(File(url: url, folders: folders))
      } else {
        others.append(File(url: url, folders: folders))
      }
    }
  }
}

/// The rule for which files are videos, by their names.
public enum VideoFiles {
  /// The extensions of videos, in lower case.
  public static let extensions: Set<String> = [
    "264", "265", "3gp", "asf", "avi", "dav", "flv", "h264", "h265", "hevc", "m2ts", "m3u8", "m4v",
    "mjpeg", "mjpg", "mkv", "mov", "mp4", "mpeg", "mpg", "mts", "mxf", "ogv", "ts", "vob", "webm",
    "wmv",
  ]

  /// Whether a path has a video's extension. The file is not opened.
  public static func isVideo(path: String) -> Bool {
    extensions.contains((path as NSString).pathExtension.lowercased())
  }

  /// The videos directly in a folder, sorted by name, without hidden files and folders. Empty
  /// if the folder cannot be read.
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
