import CFFmpeg

/// Wanted frames from one run of the decoder, which begins at a key frame and ends after
/// the packet of the last wanted frame.
struct FrameGroup: Sendable, Equatable {
  /// The first packet to decode, as a position in `FrameIndex.packets`.
  var start: Int
  /// The last packet to decode.
  var end: Int
  /// Display indices of the wanted frames, ascending.
  var wanted: [Int]

  /// The runs that give all wanted frames, in display order and without overlap.
  ///
  /// Decoding of a frame begins at the last key frame that does not come later than the
  /// frame, neither in decoding nor in display order. Pictures that are decoded after a
  /// key frame but shown before it (the leading pictures of an open group) need the key
  /// frame before.
  ///
  /// - Parameter wanted: Display indices, ascending.
  static func groups(of wanted: [Int], in index: FrameIndex) -> [FrameGroup] {
    guard index.imageFolder == nil else {
      return wanted.map { FrameGroup(start: $0, end: $0, wanted: [$0]) }
    }
    let keys = index.packets.indices.filter { index.packets[$0].isKey }
    var groups: [FrameGroup] = []
    for frame in wanted {
      let place = index.shownPackets[frame]
      let start = governing(place, among: keys, in: index)
      if let last = groups.last, start <= last.end || start == last.start {
        let group = groups.count - 1
        groups[group].start = min(last.start, start)
        groups[group].end = max(last.end, place)
        groups[group].wanted.append(frame)
      } else {
        groups.append(FrameGroup(start: start, end: place, wanted: [frame]))
      }
    }
    return groups
  }

  /// The run from one key frame earlier, for frames that this run did not give; nil if
  /// there is no earlier key frame.
  func begunEarlier(for missing: [Int], in index: FrameIndex) -> FrameGroup? {
    guard start > 0 else { return nil }
    let earlier = index.packets[..<start].lastIndex(where: \.isKey) ?? 0
    return FrameGroup(start: earlier, end: end, wanted: missing)
  }

  private static func governing(_ place: Int, among keys: [Int], in index: FrameIndex) -> Int {
    guard let shown = index.packets[place].presentationTicks else { return 0 }
    var low = 0
    var high = keys.count
    while low < high {
      let middle = (low + high) / 2
      if keys[middle] <= place { low = middle + 1 } else { high = middle }
    }
    while low > 0 {
      low -= 1
      if let key = index.packets[keys[low]].presentationTicks, key <= shown { return keys[low] }
    }
    return 0
  }
}

/// A wanted frame of a sparse run.
struct SparseFrame: Sendable {
  /// Its display index.
  var index: Int
  /// The picture; nil if only decoding is requested.
  var image: RGBImage?
}

/// The counts of sparse runs, kept per thread and added at the end.
struct SparseDecodeCounts: Sendable {
  /// The number of decoded frames, wanted or not.
  var decodedFrameCount = 0
  /// The number of jumps in the file.
  var seekCount = 0
  /// The number of packets that the decoder refused.
  var damagedPacketCount = 0
  /// The number of frames that the decoder marked as damaged.
  var damagedFrameCount = 0
  /// The display indices of wanted frames that did not decode.
  var missing: [Int] = []
  /// The demuxer's complaints when it stopped early.
  var readFailures: Set<String> = []

  static func += (sum: inout SparseDecodeCounts, other: SparseDecodeCounts) {
    sum.decodedFrameCount += other.decodedFrameCount
    sum.seekCount += other.seekCount
    sum.damagedPacketCount += other.damagedPacketCount
    sum.damagedFrameCount += other.damagedFrameCount
    sum.missing += other.missing
    sum.readFailures.formUnion(other.readFailures)
  }
}

/// Decodes groups of wanted frames, on one thread at a time.
protocol GroupDecoding: AnyObject {
  /// The counts so far.
  var counts: SparseDecodeCounts { get }
  /// Gives a group's frames in display order. Frames that do not decode count as missing.
  func decode(_ group: FrameGroup, deliver: (SparseFrame) throws -> Void) throws
}

/// Decodes groups of wanted frames of one video file.
final class GroupDecoder: GroupDecoding {
  /// The counts of all runs so far.
  private(set) var counts = SparseDecodeCounts()

  private let index: FrameIndex
  private let cursor: PacketCursor
  private let decoder: PacketDecoder
  private let converter: FrameConverter?
  private let canDiscard: Bool
  private var isFresh = true

  /// - Parameters:
  ///   - size: The size of the frames; nil for no conversion.
  ///   - threads: Threads of the decoder itself.
  init(index: FrameIndex, size: (width: Int, height: Int)?, threads: Int) throws {
    self.index = index
    cursor = try PacketCursor(index: index)
    decoder = try PacketDecoder(container: cursor.container, threads: threads)
    converter = size.map {
      FrameConverter(
        path: index.info.path, width: $0.width, height: $0.height,
        orientation: index.orientation, mask: index.view.mask)
    }
    canDiscard =
      CodecTraits(cursor.container.stream.pointee.codecpar.pointee).keepsPixelsWithoutNonReference
  }

  /// Gives a group's frames in display order. Frames that do not decode are tried again
  /// from one key frame earlier, which a decoder of the whole stream would have had. If
  /// they still do not decode, they count as missing.
  func decode(_ group: FrameGroup, deliver: (SparseFrame) throws -> Void) throws {
    var early: [Int: SparseFrame] = [:]
    var delivered = 0
    func deliverInOrder(_ frame: SparseFrame) throws {
      early[frame.index] = frame
      while delivered < group.wanted.count,
        let next = early.removeValue(forKey: group.wanted[delivered])
      {
        delivered += 1
        try deliver(next)
      }
    }
    try run(group, discarding: canDiscard, found: deliverInOrder)
    let missing = group.wanted[delivered...].filter { early[$0] == nil }
    if !missing.isEmpty, let again = group.begunEarlier(for: missing, in: index) {
      try run(again, discarding: false, found: deliverInOrder)
    }
    for frame in group.wanted[delivered...] {
      if let late = early[frame] { try deliver(late) } else { counts.missing.append(frame) }
    }
  }

  private func run(
    _ group: FrameGroup, discarding: Bool, found: (SparseFrame) throws -> Void
  ) throws {
    var open: [Int64: Int] = [:]
    for frame in group.wanted {
      if let ticks = index.packets[index.shownPackets[frame]].presentationTicks {
        open[ticks] = frame
      }
    }
    let damagedBefore = (decoder.damagedPacketCount, decoder.damagedFrameCount)
    let seeksBefore = cursor.seekCount
    defer {
      counts.damagedPacketCount += decoder.damagedPacketCount - damagedBefore.0
      counts.damagedFrameCount += decoder.damagedFrameCount - damagedBefore.1
      counts.seekCount += cursor.seekCount - seeksBefore
      if let failure = cursor.container.readFailure { counts.readFailures.insert(failure) }
    }
    func receive() throws {
      while case .frame = decoder.receive() {
        counts.decodedFrameCount += 1
        guard let frame = open.removeValue(forKey: decoder.frame.pointee.pts) else { continue }
        try found(SparseFrame(index: frame, image: try converter?.image(from: decoder.frame)))
      }
    }
    if !isFresh { decoder.restart() }
    isFresh = false
    try cursor.move(to: group.start)
    for _ in group.start...group.end {
      guard let packet = cursor.next() else { break }
      decoder.send(packet, discardingNonReference: discarding && open[packet.pointee.pts] == nil)
      try receive()
    }
    decoder.sendEnd()
    try receive()
  }
}
