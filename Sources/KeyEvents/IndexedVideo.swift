import Foundation
import Records
import Synchronization
import Video

/// A video whose packets are read once for any number of selections from it.
public final class IndexedVideo: Sendable {
  public let index: FrameIndex
  private let hash = Mutex<String?>(nil)

  /// - Throws: `VideoError`.
  public init(path: String) throws {
    index = try FrameIndex(path: path)
  }

  /// SHA-256 of all bytes of the file, computed once; nil for a folder of pictures.
  ///
  /// - Throws: `RecordError.cannotRead`.
  public func sha256() throws -> String? {
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: index.info.path, isDirectory: &isFolder),
      !isFolder.boolValue
    else { return nil }
    return try hash.withLock { hash in
      if let hash { return hash }
      let computed = try ContentHash.ofFile(at: URL(fileURLWithPath: index.info.path))
      hash = computed
      return computed
    }
  }
}

extension VideoFrame {
  /// The frame with its time counted from another start.
  public func counted(fromSeconds start: Double) -> VideoFrame {
    start == 0
      ? self
      : VideoFrame(
        frameIndex: frameIndex, timestampSeconds: timestampSeconds - start, image: image)
  }
}
