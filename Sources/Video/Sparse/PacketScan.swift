import CFFmpeg

/// One pass over a stream's packets, without decoding any.
struct PacketScan {
  /// All packets, in decoding order.
  private(set) var packets: [IndexedPacket] = []
  /// Why the packets do not determine the frames; nil if they do.
  private(set) var distrust: String?
  /// The demuxer's complaint if it stopped early.
  private(set) var readFailure: String?

  /// The demuxers of containers that frame, time and flag every packet.
  private static let selfDescribing = ["mov,", "matroska,"]

  /// - Parameter opened: The file, opened for decoding. It is not changed.
  /// - Throws: `VideoError` if the file does not open again.
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
    // The container's table gives the size. Growing the array would need twice the memory.
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
      opened.isPlaylist
      ? "a playlist's segments are read in their order"
      : traits.hasOneFrameAPacket
        ? inspector.finding ?? Self.fault(of: packets)
        : "packets of \(opened.codecName) are not known to hold one frame each"
  }

  /// The fault of the packets' times; nil without one.
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
    // A decoder drops frames before its first key frame.
    guard first.isKey || !packets.contains(where: \.isKey) else {
      return "it begins before its first key frame"
    }
    if let start = first.presentationTicks, !first.isHidden, times[0] < start {
      return "it begins with frames that need earlier ones"
    }
    return nil
  }
}

/// One packet of a video stream as the container describes it, in 24 bytes. An hour of
/// video has some 100,000 packets.
struct IndexedPacket: Sendable {
  private let presentation: Int64
  private let decoding: Int64
  /// Size in bytes.
  let size: Int32
  /// Whether decoding can begin here.
  let isKey: Bool
  /// Whether its picture is never shown: cut off by an edit list, or only a reference for
  /// other pictures.
  let isHidden: Bool

  init(_ packet: AVPacket, isKey: Bool, isHidden: Bool) {
    presentation = packet.pts
    decoding = packet.dts
    size = packet.size
    self.isKey = isKey
    self.isHidden = isHidden
  }

  /// Presentation time in ticks of the stream's time base; nil if missing.
  var presentationTicks: Int64? { presentation == kess_av_nopts_value ? nil : presentation }
  /// Decoding time in the same ticks; nil if missing.
  var decodingTicks: Int64? { decoding == kess_av_nopts_value ? nil : decoding }
}

/// The properties of a codec on which sparse decoding relies.
struct CodecTraits: Sendable {
  /// Every shown packet contains one frame.
  var hasOneFrameAPacket: Bool
  /// Decoding from a key frame gives the same pixels as decoding from the start.
  var beginsAtKeyFrames: Bool
  /// Dropping the pictures that FFmpeg's decoder calls non-reference does not change the
  /// others.
  var keepsPixelsWithoutNonReference: Bool

  /// - Parameter parameters: The stream's, for its codec and its header.
  init(_ parameters: AVCodecParameters) {
    switch parameters.codec_id {
    case AV_CODEC_ID_H264, AV_CODEC_ID_MPEG4, AV_CODEC_ID_MPEG1VIDEO, AV_CODEC_ID_MPEG2VIDEO:
      self.init(true, true, true)
    case AV_CODEC_ID_HEVC:
      // "Sub-layer non-reference" means unused only if there is one sub-layer.
      self.init(true, true, Self.temporalLayers(ofHEVC: parameters) == 1)
    case AV_CODEC_ID_VP8, AV_CODEC_ID_VP9, AV_CODEC_ID_AV1, AV_CODEC_ID_MJPEG,
      AV_CODEC_ID_H263, AV_CODEC_ID_FLV1, AV_CODEC_ID_PRORES, AV_CODEC_ID_DNXHD,
      AV_CODEC_ID_RAWVIDEO, AV_CODEC_ID_HUFFYUV, AV_CODEC_ID_FFVHUFF, AV_CODEC_ID_DVVIDEO:
      self.init(true, true, false)
    case AV_CODEC_ID_MSMPEG4V2, AV_CODEC_ID_MSMPEG4V3, AV_CODEC_ID_WMV1, AV_CODEC_ID_FFV1:
      self.init(true, false, false)
    default:
      self.init(false, false, false)
    }
  }

  private init(_ oneFrame: Bool, _ begins: Bool, _ keepsPixels: Bool) {
    hasOneFrameAPacket = oneFrame
    beginsAtKeyFrames = begins
    keepsPixelsWithoutNonReference = keepsPixels
  }

  /// `numTemporalLayers` of an HEVC configuration record (ISO/IEC 14496-15, 8.3.3.1);
  /// 0 without a record.
  private static func temporalLayers(ofHEVC parameters: AVCodecParameters) -> Int {
    guard parameters.extradata_size > 22, let header = parameters.extradata, header[0] == 1
    else { return 0 }
    return Int(header[21] >> 3 & 7)
  }
}
