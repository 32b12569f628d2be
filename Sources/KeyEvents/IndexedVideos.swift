import Synchronization

/// The last few videos whose packets were read, for work that comes back to them: the
/// pieces of a long video are chosen from one after the other.
public final class IndexedVideos: Sendable {
  /// A video that is being read, or was.
  private final class Slot: Sendable {
    let path: String
    let contentHash: String
    private let video = Mutex<IndexedVideo?>(nil)

    init(path: String, contentHash: String) {
      self.path = path
      self.contentHash = contentHash
    }

    /// Read by whoever comes first; the others wait.
    func read() throws -> IndexedVideo {
      try video.withLock { video in
        if let video { return video }
        let made = try IndexedVideo(path: path)
        video = made
        return made
      }
    }
  }

  private let capacity: Int
  /// The latest last.
  private let slots = Mutex<[Slot]>([])

  /// - Parameter capacity: how many videos are kept; about 5 MB an hour of each.
  public init(capacity: Int) {
    self.capacity = max(1, capacity)
  }

  /// The video at `path`, read anew where the content is another one.
  ///
  /// - Throws: `VideoError`.
  public func video(at path: String, contentHash: String) throws -> IndexedVideo {
    let slot = slots.withLock { slots in
      let known = slots.firstIndex { $0.path == path && $0.contentHash == contentHash }
      let slot = known.map { slots.remove(at: $0) } ?? Slot(path: path, contentHash: contentHash)
      slots.append(slot)
      if slots.count > capacity { slots.removeFirst() }
      return slot
    }
    return try slot.read()
  }
}
