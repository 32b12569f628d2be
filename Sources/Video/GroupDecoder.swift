import CFFmpeg

/// Decodes groups of wanted frames of one file, on one thread at a time.
final class GroupDecoder {
  /// What was counted in the runs so far.
  private(set) var tally = SparseTally()

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
        path: index.info.path, width: $0.width, height: $0.height, orientation: index.orientation)
    }
    canDiscard =
      CodecTraits(cursor.container.stream.pointee.codecpar.pointee).keepsPixelsWithoutNonReference
  }

  /// Gives a group's frames in display order; what does not decode is tried once more
  /// from one key frame earlier, as a decoder in full run would have had it, and is
  /// then counted as missing.
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
      if let late = early[frame] { try deliver(late) } else { tally.missing.append(frame) }
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
      tally.damagedPacketCount += decoder.damagedPacketCount - damagedBefore.0
      tally.damagedFrameCount += decoder.damagedFrameCount - damagedBefore.1
      tally.seekCount += cursor.seekCount - seeksBefore
      if let failure = cursor.container.readFailure { tally.readFailures.insert(failure) }
    }
    func receive() throws {
      while case .frame = decoder.receive() {
        tally.decodedFrameCount += 1
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
