import Foundation
import Records

/// An HLS playlist on disk (RFC 8216) whose segments lie in its own folder or below it.
///
/// libavformat's demuxer reads the segments; this check comes before, because a playlist may
/// name any file and any server.
public struct LocalPlaylist {
  /// The files that the playlist needs, in its order, with those of nested playlists.
  public private(set) var files: [String] = []
  /// The playlist with the files' paths in place of their addresses.
  private(set) var text = ""
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
    var lines: [String] = []
    for line in Self.lines(of: try InputFile.read(path)) {
      if line.hasPrefix("#EXT-X-KEY"), !line.contains("METHOD=NONE") {
        throw VideoError.unusablePlaylist(
          path: path, finding: "its segments are encrypted",
          remedy: "export the recording without encryption")
      }
      let uri = line.hasPrefix("#") ? Self.attribute("URI", of: line) : line
      guard let uri, !uri.isEmpty else {
        lines.append(line)
        continue
      }
      let file = try Self.file(uri, of: path)
      lines.append(line == uri ? file : line.replacingOccurrences(of: uri, with: file))
      if files.contains(file) { continue }
      files.append(file)
      if Self.isPlaylist(file) { try visit(file, depth: depth + 1) }
    }
    if depth == 0 { text = lines.joined(separator: "\n") + "\n" }
  }

  private static func lines(of data: Data) -> [String] {
    String(decoding: data, as: UTF8.self).withoutControlCharacters
      .split(whereSeparator: \.isNewline).map { $0.trimmingCharacters(in: .whitespaces) }
  }

  /// Whether a text begins as a playlist does.
  static func begins(_ path: String) -> Bool {
    guard let data = try? InputFile.read(path) else { return false }
    return lines(of: data.prefix(64)).first?.hasPrefix("#EXTM3U") ?? false
  }

  /// The file that an address names, as a path without links.
  private static func file(_ uri: String, of playlist: String) throws -> String {
    let folder = URL(fileURLWithPath: playlist).deletingLastPathComponent()
    let elsewhere = VideoError.unusablePlaylist(
      path: playlist, finding: "it names '\(uri)', which is not in its folder",
      remedy: "download the segments beside it and name them by file name")
    guard uri.firstMatch(of: /^[A-Za-z][A-Za-z0-9+.-]*:/) == nil, !uri.hasPrefix("\\") else {
      throw elsewhere
    }
    // As written, else as an address: without its query, percent signs decoded.
    let plain = String(uri.prefix { $0 != "?" && $0 != "#" })
    for name in [uri, plain, plain.removingPercentEncoding ?? plain] {
      let place =
        (name.hasPrefix("/") ? URL(fileURLWithPath: name) : folder.appendingPathComponent(name))
        .standardizedFileURL
      guard place.path.hasPrefix(folder.standardizedFileURL.path + "/") else { throw elsewhere }
      guard FileManager.default.fileExists(atPath: place.path) else { continue }
      let file = place.resolvingSymlinksInPath().path
      guard file.hasPrefix(folder.resolvingSymlinksInPath().path + "/") else {
        throw VideoError.unusablePlaylist(
          path: playlist, finding: "its file '\(uri)' is a link out of the folder",
          remedy: "copy the file itself")
      }
      return file
    }
    throw VideoError.unusablePlaylist(
      path: playlist, finding: "its file '\(uri)' is missing",
      remedy: "copy all files of the playlist's folder")
  }

  /// The value of a quoted attribute of a tag.
  private static func attribute(_ name: String, of line: String) -> String? {
    guard let start = line.range(of: name + "=\"") else { return nil }
    return String(line[start.upperBound...].prefix { $0 != "\"" })
  }
}
