import CFFmpeg

/// Reads a file's packets from any place of its index: by a jump where the container
/// has an index to jump by and that is cheaper, else by reading on.
final class PacketCursor {
  /// How often the demuxer jumped.
  private(set) var seekCount = 0
  /// The file, which is opened again where the cursor has to go back without jumping.
  private(set) var container: VideoContainer

  private let index: FrameIndex
  /// The place in the index of the packet that `next()` reads.
  private var place = 0
  /// A packet that a jump landed on, to be read next.
  private var landed: UnsafeMutablePointer<AVPacket>?
  private var canSeek: Bool
  /// Whether the container's own index has presentation times, not decoding times.
  private let seeksByPresentation: Bool

  /// Jumping costs about as much as reading this many bytes.
  private static let bytesWorthASeek = 1 << 18
  /// Packets from where a jump lands to where it should, at most.
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

  /// Puts the cursor before a packet of the index.
  ///
  /// - Throws: `VideoError` where the file must be opened again and does not open.
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
    // A file whose index leads elsewhere is read in order from now on.
    canSeek = false
    place = .max
    return false
  }

  private func bytes(from: Int, to: Int) -> Int {
    guard from < to, to <= index.packets.count else { return .max }
    return index.packets[from..<to].reduce(0) { $0 + Int($1.size) }
  }

  /// Whether times tell packets apart.
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
