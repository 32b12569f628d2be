import Datasets
import Foundation

/// Which of a data set's videos a stage works on.
public struct VideoChoice: Sendable, Equatable {
  /// Only this split; nil for all.
  public var split: String?
  /// Only this part of the videos, for several machines with a workspace each.
  public var shard: DatasetShard?
  /// At most this many videos, the first ones.
  public var limit: Int?

  public init(split: String? = nil, shard: DatasetShard? = nil, limit: Int? = nil) {
    self.split = split
    self.shard = shard
    self.limit = limit
  }

  /// The chosen videos, whole: all pieces of a long video belong to the same shard.
  ///
  /// - Parameter isWanted: a further condition; `limit` counts only the videos that fulfil it.
  public func videos(
    of dataset: Dataset, where isWanted: (DatasetVideo) -> Bool = { _ in true }
  ) -> [DatasetVideo] {
    let videos = dataset.videos(split: split).filter {
      (shard?.contains($0.id) ?? true) && isWanted($0)
    }
    return limit.map { Array(videos.prefix($0)) } ?? videos
  }
}

/// Ids for videos that belong to no data set: file names without extension, made unique by a
/// number.
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
