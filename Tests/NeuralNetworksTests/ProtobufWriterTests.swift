import NeuralNetworks
import Testing

@Suite struct ProtobufWriterTests {
  private func bytes(_ write: (inout ProtobufWriter) -> Void) -> [UInt8] {
    var writer = ProtobufWriter()
    write(&writer)
    return writer.bytes
  }

  @Test("the examples of Protocol Buffers' documentation")
  func documented() {
    #expect(bytes { $0.integer(1, 150) } == [0x08, 0x96, 0x01])
    #expect(
      bytes { $0.string(2, "testing") }
        == [0x12, 0x07, 0x74, 0x65, 0x73, 0x74, 0x69, 0x6E, 0x67])
    #expect(bytes { $0.message(3) { $0.integer(1, 150) } } == [0x1A, 0x03, 0x08, 0x96, 0x01])
  }

  @Test("varints change length at 128 and 16,384; negative numbers take ten bytes")
  func varints() {
    #expect(bytes { $0.integer(1, 0) } == [0x08, 0x00])
    #expect(bytes { $0.integer(1, 127) } == [0x08, 0x7F])
    #expect(bytes { $0.integer(1, 128) } == [0x08, 0x80, 0x01])
    #expect(bytes { $0.integer(1, 16_383) } == [0x08, 0xFF, 0x7F])
    #expect(bytes { $0.integer(1, 16_384) } == [0x08, 0x80, 0x80, 0x01])
    #expect(
      bytes { $0.integer(1, -1) } == [0x08] + [UInt8](repeating: 0xFF, count: 9) + [0x01])
    #expect(
      bytes { $0.integer(1, .max) } == [0x08] + [UInt8](repeating: 0xFF, count: 8) + [0x7F])
  }

  @Test("field numbers from 16 on take two bytes, floats four little-endian ones")
  func keys() {
    #expect(bytes { $0.integer(15, 1) } == [0x78, 0x01])
    #expect(bytes { $0.integer(16, 1) } == [0x80, 0x01, 0x01])
    #expect(bytes { $0.float(2, 1) } == [0x15, 0x00, 0x00, 0x80, 0x3F])
    #expect(bytes { $0.float(2, -2.5) } == [0x15, 0x00, 0x00, 0x20, 0xC0])
  }

  @Test("lengths beyond 127, text beyond ASCII, and nothing at all")
  func lengths() {
    let data = [UInt8](repeating: 7, count: 300)
    #expect(bytes { $0.data(1, data) } == [0x0A, 0xAC, 0x02] + data)
    #expect(bytes { $0.string(1, "é") } == [0x0A, 0x02, 0xC3, 0xA9])
    #expect(bytes { $0.message(1) { _ in } } == [0x0A, 0x00])
  }
}
