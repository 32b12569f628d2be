import Records
import Synchronization
import Video

/// A video whose packets are read once, for any number of selections from it.
public final class IndexedVideo: Sendable {
  public let index: FrameIndex
  private let hash: Mutex<String?>

  /// - Parameters:
  ///   - view: How its pictures are read.
  ///   - contentHash: `VideoFingerprint.hash` of the file, if the caller knows it.
  /// - Throws: `VideoError`.
  public init(path: String, view: VideoView = .asRecorded, contentHash: String? = nil) throws {
    index = try FrameIndex(path: path, view: view)
    hash = Mutex(contentHash)
  }

  /// `VideoFingerprint.hash` of the file or of the folder of images, measured at most once.
  ///
  /// - Throws: `RecordError.unreadableVideo`.
  public func contentHash() throws -> String {
    try hash.withLock { hash in
      if let hash { return hash }
      let measured = try VideoFingerprint.measure(path: index.info.path).hash
      hash = measured
      return measured
    }
  }
}

extension VideoFrame {
  /// The frame with its time counted from a different start.
  public func counted(fromSeconds start: Double) -> VideoFrame {
    start == 0
      ? self
      : VideoFrame(
        frameIndex: frameIndex, timestampSeconds: timestampSeconds - start, image: image)
  }
}

/// A cache of the last indexed videos. Selections from the pieces of one long video follow
/// each other and share its index.
public final class IndexedVideos: Sendable {
  /// A video whose packets are being read, or were read.
  private final class Slot: Sendable {
    let path: String
    let view: VideoView
    let contentHash: String
    private let video = Mutex<IndexedVideo?>(nil)

    init(path: String, view: VideoView, contentHash: String) {
      self.path = path
      self.view = view
      self.contentHash = contentHash
    }

    /// The first caller reads the packets; the others wait.
    func read() throws -> IndexedVideo {
      try video.withLock { video in
        if let video { return video }
        let made = try IndexedVideo(path: path, view: view, contentHash: contentHash)
        video = made
        return made
      }
    }
  }

  private let capacity: Int
  /// The most recent last.
  private let slots = Mutex<[Slot]>([])

  /// - Parameter capacity: the number of videos kept, each at about 5 MB per hour.
  public init(capacity: Int) {
    self.capacity = max(1, capacity)
  }

  /// The video at `path`, read again if the content differs.
  ///
  /// - Parameters:
  ///   - view: How its pictures are read.
  ///   - contentHash: `VideoFingerprint.hash` of the file.
  /// - Throws: `VideoError`.
  public func video(
    at path: String, view: VideoView = .asRecorded, contentHash: String
  ) throws -> IndexedVideo {
    let slot = slots.withLock { slots in
      let known = slots.firstIndex {
        $0.path == path && $0.view == view && $0.contentHash == contentHash
      }
      let slot =
        known.map { slots.remove(at: $0) }
        ?? Slot(path: path, view: view, contentHash: contentHash)
      slots.append(slot)
      if slots.count > capacity { slots.removeFirst() }
      return slot
    }
    return try slot.read()
  }
}
