import CFFmpeg

/// Looks into packets for what container flags do not tell, or tell wrongly: where
/// decoding can really begin, pictures that are not shown, and packets that do not
/// hold exactly one frame.
struct PacketInspector {
  /// Why packets do not stand for frames, once one was seen.
  private(set) var finding: String?

  private let codec: AVCodecID
  /// Bytes of the length before each NAL unit; nil where start codes part them.
  private let lengthSize: Int?

  /// - Parameter parameters: The stream's.
  init(_ parameters: AVCodecParameters) {
    codec = parameters.codec_id
    lengthSize = NALUnits.lengthSize(of: parameters)
  }

  /// Whether decoding can begin at a packet that the container calls a key frame.
  func canBegin(at packet: AVPacket) -> Bool {
    switch codec {
    case AV_CODEC_ID_H264:
      // Instantaneous refresh, or a recovery point that is exact at once; an intra
      // refresh over many frames is neither.
      return NALUnits(packet, lengthSize: lengthSize).contains { unit in
        switch unit[0] & 31 {
        case 5: true
        case 6: RecoveryPoint.isImmediate(in: unit)
        default: false
        }
      }
    case AV_CODEC_ID_HEVC:
      return NALUnits(packet, lengthSize: lengthSize).contains {
        (16...23).contains($0[0] >> 1 & 63)
      }
    default:
      return true
    }
  }

  /// Whether the codec itself says that the packet's picture is not shown.
  func isNeverShown(_ packet: AVPacket) -> Bool {
    guard let data = packet.data, packet.size > 0 else { return false }
    switch codec {
    case AV_CODEC_ID_VP8:
      return data[0] & 0x10 == 0
    case AV_CODEC_ID_VP9:
      // A superframe ends in a marker and shows one of its frames.
      if data[Int(packet.size) - 1] & 0xE0 == 0xC0 { return false }
      let isProfile3 = data[0] & 0x30 == 0x30
      let bits = isProfile3 ? data[0] << 1 : data[0]
      let showsExisting = bits & 0x08 != 0
      return !showsExisting && bits & 0x02 == 0
    default:
      return false
    }
  }

  /// Remembers the first reason why this packet does not stand for one frame.
  ///
  /// - Parameter parser: The stream's parser, which has just seen the packet.
  mutating func judge(_ packet: AVPacket, parser: UnsafePointer<AVCodecParserContext>?) {
    guard finding == nil else { return }
    if packet.size == 0 {
      finding = "a packet is empty"
    } else if codec == AV_CODEC_ID_H264, let parser,
      parser.pointee.picture_structure == AV_PICTURE_STRUCTURE_TOP_FIELD
        || parser.pointee.picture_structure == AV_PICTURE_STRUCTURE_BOTTOM_FIELD
    {
      finding = "its packets hold single fields"
    } else if codec == AV_CODEC_ID_MPEG4 {
      switch Self.pictures(ofMPEG4: packet) {
      case 0: finding = "a packet holds no picture"
      case 1: if packet.size <= 8 { finding = "a packet may hold an empty picture" }
      default: finding = "a packet holds several pictures (packed B-frames)"
      }
    }
  }

  /// How many picture start codes (00 00 01 B6) a packet has.
  private static func pictures(ofMPEG4 packet: AVPacket) -> Int {
    guard let data = packet.data else { return 0 }
    var count = 0
    var place = 2
    let end = Int(packet.size) - 1
    while place < end {
      // A start code's third byte is 1; anything greater lets three bytes be passed.
      if data[place] > 1 {
        place += 3
      } else if data[place] == 1 {
        if data[place - 1] == 0, data[place - 2] == 0, data[place + 1] == 0xB6 { count += 1 }
        place += 3
      } else {
        place += 1
      }
    }
    return count
  }
}
