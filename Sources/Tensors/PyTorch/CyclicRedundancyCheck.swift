/// CRC-32 as zip files use it (polynomial 0xEDB88320, reflected), eight bytes a step.
enum CyclicRedundancyCheck {
  private static let tables: [UInt32] = {
    var tables = [UInt32](repeating: 0, count: 8 * 256)
    for byte in 0..<256 {
      var value = UInt32(byte)
      for _ in 0..<8 { value = value & 1 == 1 ? 0xEDB8_8320 ^ value >> 1 : value >> 1 }
      tables[byte] = value
    }
    for index in 256..<tables.count {
      let before = tables[index - 256]
      tables[index] = tables[Int(before & 0xFF)] ^ before >> 8
    }
    return tables
  }()

  /// The checksum of a block of bytes.
  static func of(_ bytes: UnsafeRawBufferPointer) -> UInt32 {
    tables.withUnsafeBufferPointer { tables in
      var state: UInt32 = 0xFFFF_FFFF
      var position = 0
      while position + 8 <= bytes.count {
        let word = UInt64(
          littleEndian: bytes.loadUnaligned(fromByteOffset: position, as: UInt64.self))
        let mixed = word ^ UInt64(state)
        state = 0
        for lane in 0..<8 {
          state ^= tables[(7 - lane) * 256 + Int(truncatingIfNeeded: mixed >> (8 * lane)) & 0xFF]
        }
        position += 8
      }
      while position < bytes.count {
        state = tables[Int((state ^ UInt32(bytes[position])) & 0xFF)] ^ state >> 8
        position += 1
      }
      return ~state
    }
  }
}
