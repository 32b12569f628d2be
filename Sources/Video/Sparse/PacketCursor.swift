import CFFmpeg

/// Reads a file's packets from any position of its index. It jumps if the container has an
/// index and jumping is cheaper; otherwise it reads on.
final class PacketCursor {
  /// The number of jumps.
  private(set) var seekCount = 0
  /// The file. It is opened again if the cursor must go back and cannot jump.
  private(set) var container: VideoContainer

  private let index: FrameIndex
  /// The position in the index of the packet that `next()` reads.
  private var place = 0
  /// The packet at which a jump ended, to be read next.
  private var landed: UnsafeMutablePointer<AVPacket>?
  private var canSeek: Bool
  /// Whether the container's own index contains presentation times instead of decoding
  /// times.
  private let seeksByPresentation: Bool

  /// A jump costs about as much as reading this many bytes.
  private static let bytesWorthASeek = 1 << 18
  /// The greatest number of packets from the end of a jump to its target.
  private static let landingLimit = 1024

  init(index: FrameIndex) throws {
    self.index = index
    container = try VideoContainer(path: index.info.path)
    let demuxer = container.demuxerName
    seeksByPresentation = demuxer.hasPrefix("matroska")
    let hasIndex = ["mov,", "matroska,", "avi"].contains { demuxer.hasPrefix($0) }
    canSeek = hasIndex && Self.isUnambiguous(index, byPresentation: seeksByPresentation)
  }

  /// The packet at the cursor, valid until the next call; nil at the end of the file.
  func next() -> UnsafeMutablePointer<AVPacket>? {
    place += 1
    if let packet = landed {
      landed = nil
      return packet
    }
    return container.nextPacket()
  }

  /// Moves the cursor before a packet of the index.
  ///
  /// - Throws: `VideoError` if the file must be opened again and does not open.
  func move(to target: Int) throws {
    if target == place { return }
    if canSeek, target < place || bytes(from: place, to: target) > Self.bytesWorthASeek,
      seek(to: target)
    {
      return
    }
    if target < place {
      container = try VideoContainer(path: index.info.path)
      landed = nil
      place = 0
    }
    while place < target, next() != nil {}
  }

  private func seek(to target: Int) -> Bool {
    let wanted = index.packets[target]
    let ticks = seeksByPresentation ? wanted.presentationTicks : wanted.decodingTicks
    landed = nil
    if let ticks, container.seek(toTicks: ticks) {
      seekCount += 1
      for _ in 0..<Self.landingLimit {
        guard let packet = container.nextPacket() else { break }
        if packet.pointee.pts == wanted.presentationTicks {
          landed = packet
          place = target
          return true
        }
      }
    }
    // The file's own index is wrong, so the file is read in order from now on.
    canSeek = false
    place = .max
    return false
  }

  private func bytes(from: Int, to: Int) -> Int {
    guard from < to, to <= index.packets.count else { return .max }
    return index.packets[from..<to].reduce(0) { $0 + Int($1.size) }
  }

  /// Whether every packet has a distinct time.
  private static func isUnambiguous(_ index: FrameIndex, byPresentation: Bool) -> Bool {
    let shown = index.packets.compactMap(\.presentationTicks).sorted()
    guard shown.count == index.packets.count,
      zip(shown, shown.dropFirst()).allSatisfy({ $0 < $1 })
    else { return false }
    guard !byPresentation else { return true }
    let decoded = index.packets.compactMap(\.decodingTicks)
    return decoded.count == index.packets.count
      && zip(decoded, decoded.dropFirst()).allSatisfy { $0 < $1 }
  }
}
