import Foundation

/// Ids for single videos: file names without extension, made unique by a number.
public enum NamedVideos {
  /// The id of each path, in order.
  public static func ids(of paths: [String]) -> [(id: String, path: String)] {
    var seen: [String: Int] = [:]
    return paths.map { path in
      let name = URL(fileURLWithPath: path).deletingPathExtension().lastPathComponent
      let number = (seen[name] ?? 0) + 1
      seen[name] = number
      return (number == 1 ? name : "\(name)-\(number)", path)
    }
  }
}
