import Foundation

/// MPEG transport streams with another clock, as recorders leave them.
public enum TransportStream {
  /// The stream with all its times (PCR, PTS, DTS; ISO/IEC 13818-1, 2.4.3) moved.
  public static func moved(_ stream: Data, bySeconds seconds: Double) -> Data {
    var bytes = Array(stream)
    let ticks = Int64((seconds * 90_000).rounded())
    for packet in stride(from: 0, to: bytes.count - 187, by: 188) where bytes[packet] == 0x47 {
      let control = bytes[packet + 3] >> 4 & 3
      var payload = packet + 4
      if control & 2 != 0 {
        let length = Int(bytes[packet + 4])
        if length > 6, bytes[packet + 5] & 0x10 != 0 { moveReference(&bytes, packet + 6, ticks) }
        payload += 1 + length
      }
      guard control & 1 != 0, bytes[packet + 1] & 0x40 != 0, payload + 19 <= packet + 188,
        bytes[payload] == 0, bytes[payload + 1] == 0, bytes[payload + 2] == 1
      else { continue }
      let flags = bytes[payload + 7] >> 6
      if flags & 2 != 0 { moveStamp(&bytes, payload + 9, ticks) }
      if flags == 3 { moveStamp(&bytes, payload + 14, ticks) }
    }
    return Data(bytes)
  }

  /// 33 bits in five bytes with marker bits between them.
  private static func moveStamp(_ bytes: inout [UInt8], _ place: Int, _ ticks: Int64) {
    let old =
      Int64(bytes[place] >> 1 & 7) << 30 | Int64(bytes[place + 1]) << 22
      | Int64(bytes[place + 2] >> 1) << 15 | Int64(bytes[place + 3]) << 7
      | Int64(bytes[place + 4] >> 1)
    let new = (old + ticks) & 0x1_FFFF_FFFF
    bytes[place] = bytes[place] & 0xF1 | UInt8(new >> 30 & 7) << 1
    bytes[place + 1] = UInt8(new >> 22 & 255)
    bytes[place + 2] = UInt8(new >> 15 & 127) << 1 | 1
    bytes[place + 3] = UInt8(new >> 7 & 255)
    bytes[place + 4] = UInt8(new & 127) << 1 | 1
  }

  /// The 33 bits of a clock reference before its extension.
  private static func moveReference(_ bytes: inout [UInt8], _ place: Int, _ ticks: Int64) {
    let old =
      Int64(bytes[place]) << 25 | Int64(bytes[place + 1]) << 17 | Int64(bytes[place + 2]) << 9
      | Int64(bytes[place + 3]) << 1 | Int64(bytes[place + 4] >> 7)
    let new = (old + ticks) & 0x1_FFFF_FFFF
    bytes[place] = UInt8(new >> 25 & 255)
    bytes[place + 1] = UInt8(new >> 17 & 255)
    bytes[place + 2] = UInt8(new >> 9 & 255)
    bytes[place + 3] = UInt8(new >> 1 & 255)
    bytes[place + 4] = bytes[place + 4] & 0x7F | UInt8(new & 1) << 7
  }

  /// A short recording of 10 frames per second, followed by the same recording `seconds`
  /// later by its clock.
  public static func withJump(ofSeconds seconds: Double) throws -> Data {
    let clip = try Data(
      contentsOf: URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent()
        .appendingPathComponent("VideoTests/Fixtures/late-start.ts"))
    return clip + moved(clip, bySeconds: seconds)
  }
}
