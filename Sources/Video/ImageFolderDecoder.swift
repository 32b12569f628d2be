/// Reads wanted images of a folder: every image is a group of its own.
final class ImageFolderDecoder: GroupDecoding {
  private(set) var tally = SparseTally()
  private let folder: ImageFolder
  private let size: (width: Int, height: Int)

  /// - Parameter size: The size of the frames.
  init(folder: ImageFolder, size: (width: Int, height: Int)) {
    self.folder = folder
    self.size = size
  }

  func decode(_ group: FrameGroup, deliver: (SparseFrame) throws -> Void) throws {
    for frame in group.wanted {
      guard let image = try? folder.read(frame, size: size) else {
        tally.damagedPacketCount += 1
        tally.missing.append(frame)
        continue
      }
      tally.decodedFrameCount += 1
      try deliver(SparseFrame(index: frame, image: image))
    }
  }
}
