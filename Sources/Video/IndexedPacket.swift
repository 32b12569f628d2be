import CFFmpeg

/// One packet of a video stream, as the container describes it.
struct IndexedPacket: Sendable {
  /// Presentation time in ticks of the stream's time base; nil where none is given.
  var presentationTicks: Int64?
  /// Decoding time in the same ticks.
  var decodingTicks: Int64?
  /// Bytes from the file's start; -1 where the demuxer does not say.
  var position: Int64
  /// Size in bytes.
  var size: Int32
  /// Whether decoding can begin here.
  var isKey: Bool
  /// Whether its picture is never shown: cut off by an edit list, or made only to be
  /// referred to.
  var isHidden: Bool

  init(_ packet: AVPacket, isKey: Bool, isHidden: Bool) {
    presentationTicks = packet.pts == kess_av_nopts_value ? nil : packet.pts
    decodingTicks = packet.dts == kess_av_nopts_value ? nil : packet.dts
    position = packet.pos
    size = packet.size
    self.isKey = isKey
    self.isHidden = isHidden
  }
}
