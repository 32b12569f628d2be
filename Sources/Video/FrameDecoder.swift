import CFFmpeg

/// Decodes a container's video stream from its start to frames in display order,
/// stepping over what is damaged.
final class FrameDecoder {
  /// The frame that the last successful `advance()` decoded.
  var frame: UnsafeMutablePointer<AVFrame> { decoder.frame }
  /// Packets of the stream read so far.
  private(set) var packetCount = 0
  /// Those among them that the container marks as not to be shown.
  private(set) var hiddenPacketCount = 0
  /// Packets that the decoder refused.
  var damagedPacketCount: Int { decoder.damagedPacketCount }
  /// Frames that the decoder marked as made from damaged data.
  var damagedFrameCount: Int { decoder.damagedFrameCount }

  private let container: VideoContainer
  private let decoder: PacketDecoder
  private var isFinished = false

  /// - Throws: `VideoError.noDecoder`, or `.damaged` for a header that the decoder
  ///   refuses.
  init(container: VideoContainer, threads: Int) throws {
    self.container = container
    decoder = try PacketDecoder(container: container, threads: threads)
  }

  /// Decodes the next frame into `frame`.
  ///
  /// - Returns: Whether there was one; false at the end.
  func advance() -> Bool {
    while !isFinished {
      switch decoder.receive() {
      case .frame: return true
      case .needsPacket: feed()
      case .finished: isFinished = true
      }
    }
    return false
  }

  /// Sends the next packet that the decoder takes, or the end of the stream.
  private func feed() {
    while let packet = container.nextPacket() {
      packetCount += 1
      if packet.pointee.flags & AV_PKT_FLAG_DISCARD != 0 { hiddenPacketCount += 1 }
      if decoder.send(packet) { return }
    }
    decoder.sendEnd()
  }
}
