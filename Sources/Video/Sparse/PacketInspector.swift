import CFFmpeg

/// Examines packets for facts that container flags omit or state wrongly: where decoding
/// can really begin, pictures that are not shown, and packets that do not contain exactly
/// one frame.
struct PacketInspector {
  /// The first reason why packets do not equal frames; nil if none was found.
  private(set) var finding: String?

  private let codec: AVCodecID
  /// Bytes of the length before each NAL unit; nil for units separated by start codes.
  private let lengthSize: Int?

  /// - Parameter parameters: The stream's parameters.
  init(_ parameters: AVCodecParameters) {
    codec = parameters.codec_id
    lengthSize = NALUnits.lengthSize(of: parameters)
  }

  /// Whether decoding can begin at a packet that the container calls a key frame.
  func canBegin(at packet: AVPacket) -> Bool {
    switch codec {
    case AV_CODEC_ID_H264:
      // An instantaneous refresh, or a recovery point that is exact immediately. An intra
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

  /// Whether the codec itself marks the packet's picture as not shown.
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

  /// Records the first reason why a packet does not equal one frame.
  ///
  /// - Parameter parser: The stream's parser after this packet.
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

  /// The number of picture start codes (00 00 01 B6) in a packet.
  private static func pictures(ofMPEG4 packet: AVPacket) -> Int {
    guard let data = packet.data else { return 0 }
    var count = 0
    var place = 2
    let end = Int(packet.size) - 1
    while place < end {
      // A start code's third byte is 1. After a greater byte, three bytes can be skipped.
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

/// The NAL units of an H.264 or HEVC packet, each without its length or start code, and at
/// least one byte long.
struct NALUnits: Sequence, IteratorProtocol {
  private let bytes: UnsafeBufferPointer<UInt8>
  private let lengthSize: Int?
  private var place = 0

  /// - Parameters:
  ///   - packet: It must outlive the value.
  ///   - lengthSize: Bytes of the length before each unit; nil for start codes.
  init(_ packet: AVPacket, lengthSize: Int?) {
    bytes = UnsafeBufferPointer(
      start: packet.data, count: packet.data == nil ? 0 : Int(packet.size))
    self.lengthSize = lengthSize
    if lengthSize == nil { place = Self.afterStartCode(in: bytes, from: 0) ?? bytes.count }
  }

  /// The length field of a stream's configuration record (ISO/IEC 14496-15, 5.3.3.1
  /// and 8.3.3.1); nil for a stream with start codes.
  static func lengthSize(of parameters: AVCodecParameters) -> Int? {
    guard let header = parameters.extradata, parameters.extradata_size > 0, header[0] == 1
    else { return nil }
    switch parameters.codec_id {
    case AV_CODEC_ID_H264 where parameters.extradata_size > 6: return Int(header[4] & 3) + 1
    case AV_CODEC_ID_HEVC where parameters.extradata_size > 22: return Int(header[21] & 3) + 1
    default: return nil
    }
  }

  mutating func next() -> UnsafeBufferPointer<UInt8>? {
    lengthSize.map { nextCounted($0) } ?? nextMarked()
  }

  private mutating func nextCounted(_ size: Int) -> UnsafeBufferPointer<UInt8>? {
    guard place + size < bytes.count else { return nil }
    let length = bytes[place..<place + size].reduce(0) { $0 << 8 | Int($1) }
    place += size
    guard length > 0, length <= bytes.count - place else { return nil }
    defer { place += length }
    return UnsafeBufferPointer(rebasing: bytes[place..<place + length])
  }

  private mutating func nextMarked() -> UnsafeBufferPointer<UInt8>? {
    guard place < bytes.count else { return nil }
    let start = place
    let following = Self.afterStartCode(in: bytes, from: start)
    place = following ?? bytes.count
    let end = following.map { $0 - 3 } ?? bytes.count
    guard end > start else { return following == nil ? nil : nextMarked() }
    return UnsafeBufferPointer(rebasing: bytes[start..<end])
  }

  /// The place after the next 00 00 01.
  private static func afterStartCode(in bytes: UnsafeBufferPointer<UInt8>, from: Int) -> Int? {
    var place = from + 2
    while place < bytes.count {
      if bytes[place] > 1 {
        place += 3
      } else if bytes[place] == 1, bytes[place - 1] == 0, bytes[place - 2] == 0 {
        return place + 1
      } else {
        place += 1
      }
    }
    return nil
  }
}

/// H.264's recovery point message (ITU-T H.264, D.1.8), with which an open group of
/// pictures begins.
enum RecoveryPoint {
  /// Whether a supplemental information unit states that all pictures from its own picture
  /// on, in display order, are exact.
  static func isImmediate(in unit: UnsafeBufferPointer<UInt8>) -> Bool {
    var bytes = Payload(unit)
    while let type = bytes.number(), let size = bytes.number() {
      if type == 6 {
        // recovery_frame_cnt as Exp-Golomb, 0 being one set bit; exact_match_flag.
        return bytes.next().map { $0 & 0xC0 == 0xC0 } ?? false
      }
      for _ in 0..<size where bytes.next() == nil { return false }
    }
    return false
  }

  /// The bytes after the unit's header, without emulation prevention.
  private struct Payload {
    let unit: UnsafeBufferPointer<UInt8>
    var place = 1
    var zeros = 0

    init(_ unit: UnsafeBufferPointer<UInt8>) { self.unit = unit }

    mutating func next() -> UInt8? {
      if zeros >= 2, place < unit.count, unit[place] == 3 {
        place += 1
        zeros = 0
      }
      guard place < unit.count else { return nil }
      let byte = unit[place]
      place += 1
      zeros = byte == 0 ? zeros + 1 : 0
      return byte
    }

    /// A number as the sum of bytes of 255 and a last byte.
    mutating func number() -> Int? {
      var sum = 0
      while let byte = next() {
        sum += Int(byte)
        if byte < 255 { return sum }
      }
      return nil
    }
  }
}
