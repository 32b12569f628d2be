import Foundation

/// Finds the video of a data set that a name in somebody else's file means.
///
/// Files of descriptions name videos in their own way: with or without folders, extension,
/// `_x264`, or the class before the name. The strictest reading that fits any video counts:
///
/// 1. the video's id, or its path, whole or from some folder on;
/// 2. the file's name, with or without the extension;
/// 3. the same, ignoring case, punctuation and an ending `_x264`;
/// 4. the class and then that name: `Fight_clip1` for `clip1` of the class `Fight`.
public struct VideoNameIndex: Sendable {
  /// The result of a search.
  public enum Match: Sendable, Equatable {
    /// The number of the video in the list.
    case video(Int)
    /// The numbers of the videos that the name fits equally well.
    case several([Int])
    case none
  }

  private let ids: [String: Int]
  private let paths: [String]
  private let byStem: [String: [Int]]
  private let byLooseName: [String: [Int]]
  private let byClassAndName: [String: [Int]]

  public init(_ videos: [DatasetVideo]) {
    var byStem: [String: [Int]] = [:]
    var byLooseName: [String: [Int]] = [:]
    var byClassAndName: [String: [Int]] = [:]
    for (number, video) in videos.enumerated() {
      let stem = Self.stem(of: video.path)
      byStem[stem, default: []].append(number)
      for name in Set([Self.loose(stem), Self.loose(video.id)]) {
        byLooseName[name, default: []].append(number)
      }
      for name in video.classNames ?? [] {
        byClassAndName[Self.loose(name) + Self.loose(stem), default: []].append(number)
      }
    }
    ids = Dictionary(
      videos.enumerated().map { ($1.id, $0) }, uniquingKeysWith: { first, _ in first })
    paths = videos.map { Self.withoutExtension($0.path) }
    self.byStem = byStem
    self.byLooseName = byLooseName
    self.byClassAndName = byClassAndName
  }

  /// The video with exactly this id.
  public func video(withID id: String) -> Match { ids[id].map(Match.video) ?? .none }

  /// The video that a name means.
  public func video(named name: String) -> Match {
    let name = name.trimmingCharacters(in: .whitespaces).replacing("\\", with: "/")
    guard !name.isEmpty else { return .none }
    let stem = Self.stem(of: name)
    let files = byStem[stem] ?? []
    // An id is safe only if no other video's file has that name: of two `clip1` in two folders,
    // one has the id `clip1`.
    if let number = ids[name], files.allSatisfy({ $0 == number }) { return .video(number) }
    if name.contains("/") {
      let whole = Self.withoutExtension(name)
      let below = files.filter { paths[$0] == whole || paths[$0].hasSuffix("/" + whole) }
      if !below.isEmpty { return Self.match(below) }
    }
    if !files.isEmpty { return Self.match(files) }
    if let number = ids[name] { return .video(number) }
    let loose = Self.loose(stem)
    return Self.match(byLooseName[loose] ?? byClassAndName[loose] ?? [])
  }

  private static func match(_ numbers: [Int]) -> Match {
    numbers.count > 1 ? .several(numbers) : numbers.first.map(Match.video) ?? .none
  }

  /// The last part of a path without a video's extension, or that of a feature file.
  static func stem(of path: String) -> String {
    let whole = withoutExtension(path)
    return whole.split(separator: "/").last.map(String.init) ?? whole
  }

  private static func withoutExtension(_ path: String) -> String {
    let isKnown =
      VideoFiles.isVideo(path: "/" + path) || path.hasSuffix(".npy") || path.hasSuffix(".json")
    return isKnown ? (path as NSString).deletingPathExtension : path
  }

  /// A name in lower case without punctuation and without an ending `_x264`.
  package static func loose(_ name: String) -> String {
    let lowered = name.lowercased()
    let kept = lowered.hasSuffix("x264") ? lowered.dropLast(4) : lowered[...]
    return String(kept.filter { $0.isLetter || $0.isNumber })
  }
}
