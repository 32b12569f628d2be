import Foundation
import Tensors
import TestSupport
import Testing

@Suite struct SafetensorsFileTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func file(_ header: String, data: Int, length: UInt64? = nil) throws -> URL {
    let url = folder.file("f.safetensors")
    var bytes = withUnsafeBytes(of: (length ?? UInt64(header.utf8.count)).littleEndian) { Data($0) }
    bytes.append(Data(header.utf8))
    bytes.append(Data((0..<data).map { UInt8($0 % 256) }))
    try bytes.write(to: url)
    return url
  }

  private func refusal(_ url: URL) -> String {
    let error = #expect(throws: TensorError.self) { try SafetensorsFile(url: url) }
    return error?.description ?? ""
  }

  @Test func everyFloatingTypeIsReadAsFloats() throws {
    let header = """
      {"__metadata__":{"format":"pt"},
       "f32":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},
       "f16":{"dtype":"F16","shape":[6],"data_offsets":[8,20]},
       "bf16":{"dtype":"BF16","shape":[1,2],"data_offsets":[20,24]},
       "f64":{"dtype":"F64","shape":[],"data_offsets":[24,32]},
       "i64":{"dtype":"I64","shape":[1],"data_offsets":[32,40]},
       "none":{"dtype":"F32","shape":[0,3],"data_offsets":[40,40]}}
      """
    let url = try file(header, data: 0)
    var data = try Data(contentsOf: url)
    func add(_ value: some FixedWidthInteger) {
      withUnsafeBytes(of: value.littleEndian) { data.append(contentsOf: $0) }
    }
    add(Float(1.5).bitPattern)
    add(Float(-2).bitPattern)
    // 1, -2, 65504, the smallest subnormal, infinity, not a number.
    for half: UInt16 in [0x3C00, 0xC000, 0x7BFF, 0x0001, 0x7C00, 0x7E00] { add(half) }
    add(UInt16(0x3FC0))
    add(UInt16(0xC000))
    add((0.1).bitPattern)
    add(Int64(-7))
    try data.write(to: url)
    let read = try SafetensorsFile(url: url)
    #expect(read.names.sorted() == ["bf16", "f16", "f32", "f64", "i64", "none"])
    #expect(read.metadata == ["format": "pt"])
    #expect(try read.tensor("f32").scalars == [1.5, -2])
    let halves = try read.tensor("f16").scalars
    #expect(halves[..<5] == [1, -2, 65504, 0x1p-24, .infinity] && halves[5].isNaN)
    #expect(try read.tensor("bf16") == Tensor(shape: [1, 2], scalars: [1.5, -2]))
    #expect(try read.tensor("f64") == Tensor(shape: [], scalars: [Float(0.1)]))
    #expect(try read.integers("i64") == [-7])
    #expect(try read.tensor("none").shape == [0, 3])
    #expect(throws: TensorError.self) { try read.tensor("i64") }
    #expect(throws: TensorError.self) { try read.integers("f32") }
    #expect(throws: TensorError.self) { try read.tensor("missing") }
  }

  @Test(arguments: [
    (#"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}"#, 4, "needs 8 bytes"),
    (#"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}"#, 3, "ends at byte 4 of 3"),
    (#"{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,0]}}"#, 8, "not a start and an end"),
    (#"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0]}}"#, 8, "not a start and an end"),
    (
      #"{"a":{"dtype":"Q4","shape":[1],"data_offsets":[0,4]}}"#, 4, "'a': unknown element type 'Q4'"
    ),
    (
      #"{"a":{"dtype":"F32","shape":[1152921504606846976,1152921504606846976],"data_offsets":[0,4]}}"#,
      4, "overflows"
    ),
    (#"{"a":{"dtype":"F32","shape":[1152921504606846976],"data_offsets":[0,4]}}"#, 4, "needs"),
    (
      #"{"a":{"dtype":"F32","shape":[4611686018427387904],"data_offsets":[0,0]}}"#, 0, "overflows"
    ),
    (#"{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,99999999999999999999]}}"#, 1, "past 2^63"),
    (#"{"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}}"#, 4, "whole positive"),
    (#"{"a":{"dtype":"F32","shape":[1.0],"data_offsets":[0,4]}}"#, 4, "whole positive"),
    (#"{"a":{"dtype":"F32","shape":[01],"data_offsets":[0,4]}}"#, 4, "leading zeros"),
    (#"{"a":{"dtype":"F32","shape":[1,],"data_offsets":[0,4]}}"#, 4, "no number"),
    (#"{"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]}}"#, 6, "2 bytes after the last"),
    (#"{"a":{"dtype":"F32","shape":[1]}}"#, 4, "no 'data_offsets'"),
    (#"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4],"x":1}}"#, 4, "unknown key 'x'"),
    (#"{"a":3}"#, 0, "no '{'"),
    (#"["a"]"#, 0, "no '{'"),
    (#"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}"#, 4, "no '}'"),
    (#"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}x"#, 4, "text after the end"),
    (#"{"__metadata__":{"a":1}}"#, 0, "no '\"'"),
    (#"{"a\ud800":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}"#, 4, "surrogate"),
    (#"{"__metadata__":{"k":"1","k":"2"}}"#, 0, "'k' appears twice"),
  ])
  func aHostileHeaderIsRefusedWithItsFault(header: String, data: Int, mention: String) throws {
    let message = refusal(try file(header, data: data))
    #expect(message.contains(mention), "\(message)")
  }

  @Test func overlapsHolesAndDuplicatesAreRefusedByName() throws {
    func pair(_ first: String, _ second: String, name: String = "b") -> String {
      #"{"a":{"dtype":"U8","shape":[4],"data_offsets":[\#(first)]},"#
        + #""\#(name)":{"dtype":"U8","shape":[4],"data_offsets":[\#(second)]}}"#
    }
    #expect(refusal(try file(pair("0,4", "2,6"), data: 6)).contains("'b': its bytes overlap"))
    #expect(refusal(try file(pair("0,4", "0,4"), data: 4)).contains("overlap"))
    #expect(refusal(try file(pair("0,4", "6,10"), data: 10)).contains("2 bytes before it"))
    #expect(refusal(try file(pair("0,4", "4,8", name: "a"), data: 8)).contains("'a' appears twice"))
    #expect(try SafetensorsFile(url: file(pair("4,8", "0,4"), data: 8)).names == ["b", "a"])
  }

  @Test func lengthsPastTheFileAreRefused() throws {
    for length in [3, 1 << 60, UInt64.max, 100_000_001] as [UInt64] {
      let message = refusal(try file("{}", data: 0, length: length))
      #expect(message.contains("header of \(length) bytes"))
    }
    let empty = folder.file("empty")
    try Data().write(to: empty)
    #expect(refusal(empty).contains("too few"))
    #expect(refusal(folder.file("none")).contains("No such file"))
    #expect(refusal(folder.url).contains("not a regular file"))
  }

  @Test func everyCutAndEveryChangedByteIsReadOrRefusedWithoutHarm() throws {
    let url = folder.file("whole.safetensors")
    try Safetensors.write(
      [
        ("weight", Tensor(shape: [2, 3], repeating: 1)), ("bias", Tensor(shape: [3], repeating: 2)),
      ],
      metadata: ["a": "b"], to: url)
    let whole = try Data(contentsOf: url)
    let changed = folder.file("changed.safetensors")
    for length in 0..<whole.count {
      try whole.prefix(length).write(to: changed)
      #expect(throws: TensorError.self) { try SafetensorsFile(url: changed) }
    }
    for index in 0..<whole.count {
      for value: UInt8 in [0, 0x22, 0x39, 0x7D, 0xFF] {
        var copy = whole
        copy[index] = value
        try copy.write(to: changed)
        guard let file = try? SafetensorsFile(url: changed) else { continue }
        for name in file.names { _ = try? file.tensor(name) }
      }
    }
  }
}
