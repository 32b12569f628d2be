import CFFmpeg

/// The NAL units of an H.264 or HEVC packet, each without its length or start code
/// and at least one byte long.
struct NALUnits: Sequence, IteratorProtocol {
  private let bytes: UnsafeBufferPointer<UInt8>
  private let lengthSize: Int?
  private var place = 0

  /// - Parameter lengthSize: Bytes of the length before each unit; nil for start codes.
  ///   The packet must outlive the value.
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
