import Foundation

/// An HLS playlist on disk (RFC 8216) whose segments lie in its own folder or below it.
///
/// libavformat's demuxer reads the segments; this check comes before, because a playlist may
/// name any file and any server.
public struct LocalPlaylist {
  /// The files that the playlist needs, in its order, with those of nested playlists.
  public private(set) var files: [String] = []
  private static let nestingLimit = 4

  /// - Parameter path: the playlist.
  /// - Throws: `VideoError.unusablePlaylist` for a file elsewhere, one that is missing, an
  ///   encrypted stream, and a playlist without segments.
  public init(path: String) throws {
    try visit(path, depth: 0)
    guard files.contains(where: { !Self.isPlaylist($0) }) else {
      throw VideoError.unusablePlaylist(
        path: path, finding: "it names no segment", remedy: "record or copy it again")
    }
  }

  /// Whether a path has a playlist's extension.
  public static func isPlaylist(_ path: String) -> Bool {
    (path as NSString).pathExtension.lowercased() == "m3u8"
  }

  private mutating func visit(_ path: String, depth: Int) throws {
    guard depth < Self.nestingLimit else {
      throw VideoError.unusablePlaylist(
        path: path, finding: "playlists name each other",
        remedy: "name the playlist of one quality")
    }
    let text = String(decoding: try InputFile.read(path), as: UTF8.self)
    for line in text.split(whereSeparator: \.isNewline) {
      let line = line.trimmingCharacters(in: .whitespaces)
      if line.hasPrefix("#EXT-X-KEY"), !line.contains("METHOD=NONE") {
        throw VideoError.unusablePlaylist(
          path: path, finding: "its segments are encrypted",
          remedy: "export the recording without encryption")
      }
      if line.hasPrefix("#") {
        guard let uri = Self.attribute("URI", of: line) else { continue }
        try take(uri, of: path, depth: depth)
      } else if !line.isEmpty {
        try take(line, of: path, depth: depth)
      }
    }
  }

  private mutating func take(_ uri: String, of playlist: String, depth: Int) throws {
    let parts = uri.split(separator: "/", omittingEmptySubsequences: false)
    guard !uri.contains(":"), !uri.hasPrefix("/"), !uri.hasPrefix("\\"), !parts.contains("..")
    else {
      throw VideoError.unusablePlaylist(
        path: playlist, finding: "it names '\(uri)', which is not in its folder",
        remedy: "download the segments beside it and name them by file name")
    }
    let file = ((playlist as NSString).deletingLastPathComponent as NSString)
      .appendingPathComponent(uri)
    let folder = URL(fileURLWithPath: playlist).deletingLastPathComponent()
      .resolvingSymlinksInPath().path
    guard FileManager.default.fileExists(atPath: file) else {
      throw VideoError.unusablePlaylist(
        path: playlist, finding: "its file '\(uri)' is missing",
        remedy: "copy all files of the playlist's folder")
    }
    guard URL(fileURLWithPath: file).resolvingSymlinksInPath().path.hasPrefix(folder + "/") else {
      throw VideoError.unusablePlaylist(
        path: playlist, finding: "its file '\(uri)' is a link out of the folder",
        remedy: "copy the file itself")
    }
    if files.contains(file) { return }
    files.append(file)
    if Self.isPlaylist(file) { try visit(file, depth: depth + 1) }
  }

  /// The value of a quoted attribute of a tag.
  private static func attribute(_ name: String, of line: String) -> String? {
    guard let start = line.range(of: name + "=\"") else { return nil }
    return String(line[start.upperBound...].prefix { $0 != "\"" })
  }
}
