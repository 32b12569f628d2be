import CFFmpeg

/// One pass over a stream's packets, without decoding any.
struct PacketScan {
  /// All packets, in decoding order.
  private(set) var packets: [IndexedPacket] = []
  /// Why the packets do not give the frames; nil where they do.
  private(set) var distrust: String?
  /// The demuxer's complaint where it ended early.
  private(set) var readFailure: String?

  /// The demuxers whose files frame, time and flag every packet.
  private static let selfDescribing = ["mov,", "matroska,"]

  /// - Parameter opened: The file as it was opened for decoding, which it is left as.
  /// - Throws: `VideoError` where the file does not open again.
  init(of opened: VideoContainer) throws {
    let parameters = opened.stream.pointee.codecpar.pointee
    let order = parameters.field_order
    let listsItself =
      Self.selfDescribing.contains { opened.demuxerName.hasPrefix($0) }
      && (order == AV_FIELD_PROGRESSIVE || order == AV_FIELD_UNKNOWN)
    var container = try VideoContainer(
      path: opened.path, reading: listsItself ? .listing : .decoding)
    if listsItself, container.stream.pointee.index != opened.stream.pointee.index {
      container = try VideoContainer(path: opened.path)
    }
    let traits = CodecTraits(parameters)
    var inspector = PacketInspector(parameters)
    // Room at once where the container has a table: growing would hold it twice.
    packets.reserveCapacity(container.listedPacketCount)
    while let packet = container.nextPacket() {
      inspector.judge(
        packet.pointee, parser: listsItself ? nil : av_stream_get_parser(container.stream))
      let flags = packet.pointee.flags
      packets.append(
        IndexedPacket(
          packet.pointee,
          isKey: flags & AV_PKT_FLAG_KEY != 0 && traits.beginsAtKeyFrames
            && inspector.canBegin(at: packet.pointee),
          isHidden: flags & AV_PKT_FLAG_DISCARD != 0 || inspector.isNeverShown(packet.pointee)))
    }
    readFailure = container.readFailure
    distrust =
      traits.hasOneFrameAPacket
      ? inspector.finding ?? Self.fault(of: packets)
      : "packets of \(opened.codecName) are not known to hold one frame each"
  }

  /// What is wrong with the packets' times.
  private static func fault(of packets: [IndexedPacket]) -> String? {
    let shown = packets.filter { !$0.isHidden }
    let times = shown.compactMap(\.presentationTicks).sorted()
    guard times.count == shown.count else {
      return "\(shown.count - times.count) of \(shown.count) packets have no presentation time"
    }
    guard let first = packets.first, !times.isEmpty else { return "there is no packet to show" }
    guard zip(times, times.dropFirst()).allSatisfy({ $0 < $1 }) else {
      return "packets share a presentation time"
    }
    // A decoder drops what it cannot decode before its first key frame.
    guard first.isKey || !packets.contains(where: \.isKey) else {
      return "it begins before its first key frame"
    }
    if let start = first.presentationTicks, !first.isHidden, times[0] < start {
      return "it begins with frames that need earlier ones"
    }
    return nil
  }
}
