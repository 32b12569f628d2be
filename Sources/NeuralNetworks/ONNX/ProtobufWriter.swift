/// Writes messages of Protocol Buffers, the wire format of ONNX files: each field is a key
/// (number and wire type) and a varint, four bytes, or a length with that many bytes.
///
/// Source: the encoding page of Protocol Buffers' documentation. Fields are written in the order
/// of the calls, also those that have their default value.
package struct ProtobufWriter {
  package private(set) var bytes: [UInt8] = []

  package init() {}

  /// A whole number (int32, int64, enum); negative ones take ten bytes, as two's complement.
  package mutating func integer(_ field: Int, _ value: Int) {
    key(field, wireType: 0)
    varint(UInt64(bitPattern: Int64(value)))
  }

  /// A number of single precision.
  package mutating func float(_ field: Int, _ value: Float) {
    key(field, wireType: 5)
    withUnsafeBytes(of: value.bitPattern.littleEndian) { bytes += $0 }
  }

  package mutating func string(_ field: Int, _ text: String) {
    data(field, Array(text.utf8))
  }

  package mutating func data(_ field: Int, _ content: [UInt8]) {
    key(field, wireType: 2)
    varint(UInt64(content.count))
    bytes += content
  }

  /// A message within this one.
  package mutating func message(_ field: Int, _ body: (inout ProtobufWriter) -> Void) {
    var inner = ProtobufWriter()
    body(&inner)
    data(field, inner.bytes)
  }

  private mutating func key(_ field: Int, wireType: UInt64) {
    precondition(field > 0, "field numbers begin with 1")
    varint(UInt64(field) << 3 | wireType)
  }

  /// Seven bits a byte, the lowest first; the highest bit says that more follow.
  private mutating func varint(_ value: UInt64) {
    var rest = value
    while rest > 0x7F {
      bytes.append(UInt8(rest & 0x7F) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(rest))
  }
}
