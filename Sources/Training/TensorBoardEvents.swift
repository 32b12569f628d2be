import Foundation

/// TensorBoard event files: TFRecords of `Event` messages with scalar summaries.
///
/// A record is its length (UInt64), the length's masked CRC-32C, the data, the data's
/// masked CRC-32C, all little-endian (TensorFlow, `core/lib/io/record_writer.cc`). The
/// few fields of `event.proto` and `summary.proto` that scalars need are written directly.
package enum TensorBoardEvents {
  /// The first record of every file.
  package static func header(wallTime: Double) -> Data {
    var event = Data()
    event.appendDouble(field: 1, wallTime)
    event.appendBytes(field: 3, Data("brain.Event:2".utf8))
    return record(event)
  }

  /// One step's scalars under their tags.
  package static func scalars(
    _ values: [(tag: String, value: Double)], step: Int, wallTime: Double
  ) -> Data {
    var summary = Data()
    for (tag, value) in values {
      var entry = Data()
      entry.appendBytes(field: 1, Data(tag.utf8))
      entry.appendFloat(field: 2, Float(value))
      summary.appendBytes(field: 1, entry)
    }
    var event = Data()
    event.appendDouble(field: 1, wallTime)
    event.appendInteger(field: 2, UInt64(step))
    event.appendBytes(field: 5, summary)
    return record(event)
  }

  private static func record(_ data: Data) -> Data {
    let length = withUnsafeBytes(of: UInt64(data.count).littleEndian) { Data($0) }
    return length + masked(length) + data + masked(data)
  }

  private static func masked(_ data: Data) -> Data {
    let crc = checksum(data)
    let rotated = ((crc >> 15) | (crc << 17)) &+ 0xA282_EAD8
    return withUnsafeBytes(of: rotated.littleEndian) { Data($0) }
  }

  /// CRC-32C (Castagnoli), which zlib does not have.
  package static func checksum(_ data: Data) -> UInt32 {
    ~data.reduce(~UInt32(0)) { table[Int(($0 ^ UInt32($1)) & 0xFF)] ^ ($0 >> 8) }
  }

  private static let table: [UInt32] = (0..<256).map { index in
    (0..<8).reduce(UInt32(index)) { value, _ in
      value & 1 == 1 ? (value >> 1) ^ 0x82F6_3B78 : value >> 1
    }
  }
}

extension Data {
  // Protocol Buffers' wire format: a field's number and wire type, then its value.
  fileprivate mutating func appendVariable(_ value: UInt64) {
    var rest = value
    while rest >= 0x80 {
      append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    append(UInt8(rest))
  }

  fileprivate mutating func appendInteger(field: UInt64, _ value: UInt64) {
    appendVariable(field << 3)
    appendVariable(value)
  }

  fileprivate mutating func appendDouble(field: UInt64, _ value: Double) {
    appendVariable(field << 3 | 1)
    Swift.withUnsafeBytes(of: value.bitPattern.littleEndian) { append(contentsOf: $0) }
  }

  fileprivate mutating func appendFloat(field: UInt64, _ value: Float) {
    appendVariable(field << 3 | 5)
    Swift.withUnsafeBytes(of: value.bitPattern.littleEndian) { append(contentsOf: $0) }
  }

  fileprivate mutating func appendBytes(field: UInt64, _ value: Data) {
    appendVariable(field << 3 | 2)
    appendVariable(UInt64(value.count))
    append(value)
  }
}
