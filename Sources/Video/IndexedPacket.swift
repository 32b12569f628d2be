import CFFmpeg

/// One packet of a video stream, as the container describes it, in 24 bytes: an hour
/// of video has some 100,000.
struct IndexedPacket: Sendable {
  private let presentation: Int64
  private let decoding: Int64
  /// Size in bytes.
  let size: Int32
  /// Whether decoding can begin here.
  let isKey: Bool
  /// Whether its picture is never shown: cut off by an edit list, or made only to be
  /// referred to.
  let isHidden: Bool

  init(_ packet: AVPacket, isKey: Bool, isHidden: Bool) {
    presentation = packet.pts
    decoding = packet.dts
    size = packet.size
    self.isKey = isKey
    self.isHidden = isHidden
  }

  /// Presentation time in ticks of the stream's time base; nil where none is given.
  var presentationTicks: Int64? { presentation == kess_av_nopts_value ? nil : presentation }
  /// Decoding time in the same ticks.
  var decodingTicks: Int64? { decoding == kess_av_nopts_value ? nil : decoding }
}
