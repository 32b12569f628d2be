import Foundation

/// Builds files like `torch.save`'s, with any pickle inside: a zip of stored entries.
struct PickleArchive {
  struct Entry {
    var name: String
    var content: Data
  }

  /// `data.pkl` and the storages `data/0`, `data/1`, ...
  static func file(pickle: Data, storages: [Data] = [Data(count: 24)]) -> Data {
    zip(
      [Entry(name: "x/data.pkl", content: pickle)]
        + storages.enumerated().map { Entry(name: "x/data/\($0.offset)", content: $0.element) })
  }

  /// A zip file; `edit` may change each central directory record.
  static func zip(_ entries: [Entry], edit: (Int, inout Data) -> Void = { _, _ in }) -> Data {
    var file = Data()
    var directory = Data()
    for (index, entry) in entries.enumerated() {
      let name = Data(entry.name.utf8)
      let sizes =
        little(checksum(entry.content), 4) + little(entry.content.count, 4)
        + little(entry.content.count, 4)
      var record =
        little(0x0201_4B50, 4) + little(20, 2) + little(20, 2) + Data(count: 8) + sizes
      record += little(name.count, 2) + Data(count: 12) + little(file.count, 4) + name
      edit(index, &record)
      directory += record
      file += little(0x0403_4B50, 4) + little(20, 2) + Data(count: 8) + sizes
      file += little(name.count, 2) + Data(count: 2) + name + entry.content
    }
    let end =
      little(0x0605_4B50, 4) + Data(count: 4) + little(entries.count, 2)
      + little(entries.count, 2) + little(directory.count, 4) + little(file.count, 4)
      + Data(count: 2)
    return file + directory + end
  }

  /// A number in `count` bytes, the lowest first.
  static func little(_ value: some BinaryInteger, _ count: Int) -> Data {
    Data((0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) })
  }

  /// A pickle from pieces of text and codes: `{`, `}`, `(` and so on are themselves.
  static func pickle(_ parts: [Data]) -> Data { parts.reduce(Data([0x80, 2]), +) }

  /// BINUNICODE.
  static func text(_ text: String) -> Data {
    Data("X".utf8) + little(text.utf8.count, 4) + Data(text.utf8)
  }

  /// GLOBAL.
  static func name(_ module: String, _ name: String) -> Data { Data("c\(module)\n\(name)\n".utf8) }

  /// LONG1 with eight bytes.
  static func number(_ value: Int) -> Data { Data([0x8A, 8]) + little(value, 8) }

  /// `{"w": tensor}` whose numbers are given: float32 over `data/0`.
  static func tensor(count: Int, offset: Int, shape: [Int], strides: [Int]) -> Data {
    func tuple(_ values: [Int]) -> Data {
      Data("(".utf8) + values.map(number).reduce(Data(), +) + Data("t".utf8)
    }
    let storage: [Data] = [
      Data("((".utf8), text("storage"), name("torch", "FloatStorage"), text("0"), text("cpu"),
      number(count), Data("tQ".utf8),
    ]
    let call: [Data] = [
      number(offset), tuple(shape), tuple(strides), Data([0x89]),
      name("collections", "OrderedDict"), Data(")RtRs.".utf8),
    ]
    return pickle(
      [Data("}".utf8), text("w"), name("torch._utils", "_rebuild_tensor_v2")] + storage + call)
  }

  /// CRC-32, bit by bit.
  private static func checksum(_ data: Data) -> UInt32 {
    var state: UInt32 = 0xFFFF_FFFF
    for byte in data {
      state ^= UInt32(byte)
      for _ in 0..<8 { state = state & 1 == 1 ? 0xEDB8_8320 ^ state >> 1 : state >> 1 }
    }
    return ~state
  }
}
