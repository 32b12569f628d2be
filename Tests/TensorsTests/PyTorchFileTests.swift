import Foundation
import Tensors
import TestSupport
import Testing

@Suite struct PyTorchFileTests {
  private func open(_ name: String) throws -> PyTorchFile {
    try PyTorchFile(url: Golden.url(name))
  }

  @Test("every tensor of every layout is what PyTorch says it is, element for element")
  func valuesEqualPyTorchs() throws {
    let expected = try SafetensorsFile(url: Golden.url("expected.safetensors"))
    #expect(expected.names.count == 22)
    for key in expected.names {
      let parts = key.split(separator: "/", maxSplits: 1).map(String.init)
      let read = try open(parts[0]).tensor(parts[1])
      let wanted = try expected.tensor(key)
      #expect(read.shape == wanted.shape, "\(key)")
      let bits = [read, wanted].map { $0.scalars.map(\.bitPattern) }
      #expect(bits[0] == bits[1], "\(key)")
    }
  }

  @Test("the element types are told apart, and integers are no floats")
  func elementTypesAreNamed() throws {
    let file = try open("types.pt")
    let types: [String: StoredElementType] = [
      "f32": .float32, "f16": .float16, "bf16": .bfloat16, "f64": .float64, "i64": .int64,
      "i32": .int32, "i16": .int16, "i8": .int8, "u8": .uint8, "bool": .bool, "u16": .uint16,
      "c64": .complex64,
    ]
    for (name, type) in types { #expect(file.elementType(of: name) == type, "\(name)") }
    let error = #expect(throws: TensorError.self) { try file.tensor("i64") }
    #expect(error?.description.contains("'i64' holds I64") == true)
    #expect(throws: TensorError.self) { try file.tensor("absent") }
    #expect(try file.integers("i64") == [0, 1, 2, 3])
    #expect(try file.integers("i32") == file.integers("i64"))
    #expect(throws: TensorError.self) { try file.integers("f32") }
    #expect(throws: TensorError.self) { try file.integers("absent") }
  }

  @Test("the weights are found inside a training checkpoint, and nothing else is taken")
  func theStateDictionaryIsFound() throws {
    let file = try open("training.pt")
    #expect(file.names == ["bias", "parameter", "shared", "weight"])
    #expect(try file.tensor("shared") == file.tensor("weight"))
  }

  @Test("a TorchScript archive gives its modules' tensors under dotted names")
  func aTorchScriptArchiveIsRead() throws {
    let file = try open("script.pt")
    #expect(file.names == ["inner.weight", "steps"])
  }

  @Test(
    "what is more than tensors is refused by name, and not run",
    arguments: [
      ("namespace.pt", "'argparse.Namespace'"), ("runs-a-command.pt", "system'"),
      ("no-tensors.pt", "a, c"), ("legacy.pt", "before version 1.6"),
      ("tar.pt", "tar format"),
    ])
  func whatIsNoTensorIsRefused(file: String, mention: String) throws {
    let error = #expect(throws: TensorError.self) { try open(file) }
    #expect(error?.description.contains(mention) == true, "\(error?.description ?? "")")
    #expect(error?.failureKind == .unreadableInput)
    #expect(!FileManager.default.fileExists(atPath: "/tmp/kess-was-here"))
  }

  @Test("a damaged storage is an error when its tensor is read, others still read")
  func aWrongChecksumIsFound() throws {
    let folder = try TemporaryFolder()
    var data = try Data(contentsOf: Golden.url("types.pt"))
    let marker = try open("types.pt").tensor("f32").scalars.withUnsafeBytes { Data($0) }
    let place = try #require(data.range(of: marker))
    data[place.lowerBound + 9] ^= 0x40
    let changed = folder.file("changed.pt")
    try data.write(to: changed)
    let file = try PyTorchFile(url: changed)
    let error = #expect(throws: TensorError.self) { try file.tensor("f32") }
    #expect(error?.description.contains("checksum") == true, "\(error?.description ?? "")")
    #expect(try file.tensor("bf16").shape == [5, 7])
  }

  @Test(
    "the checksum is CRC-32 as zip files use it",
    arguments: [
      // By Python's zlib.crc32.
      ("12345678", 0x9AE0_DAAF), ("The quick brown fox jumps over the lazy dog.", 0x5190_25E9),
      (String(repeating: "\0", count: 32), 0x190A_55AD),
    ])
  func knownChecksums(content: String, checksum: Int) throws {
    let folder = try TemporaryFolder()
    let bytes = Data(content.utf8)
    let pickle = PickleArchive.tensor(
      count: bytes.count / 4, offset: 0, shape: [bytes.count / 4], strides: [1])
    for (change, isRight) in [(0, true), (1, false), (1 << 31, false)] {
      let file = PickleArchive.zip(
        [
          PickleArchive.Entry(name: "x/data.pkl", content: pickle),
          PickleArchive.Entry(name: "x/data/0", content: bytes),
        ]
      ) { index, record in
        if index == 1 {
          record.replaceSubrange(16..<20, with: PickleArchive.little(checksum ^ change, 4))
        }
      }
      let url = folder.file("a.pt")
      try file.write(to: url)
      let read = Result { try PyTorchFile(url: url).tensor("w").count }
      #expect(((try? read.get()) != nil) == isRight)
    }
  }

  @Test("a Git LFS pointer is named as such, whatever its extension")
  func aPointerFileIsNamed() throws {
    let folder = try TemporaryFolder()
    for name in ["model.safetensors", "model.bin"] {
      let url = folder.file(name)
      try Data("version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n".utf8)
        .write(to: url)
      let error = #expect(throws: TensorError.self) { try TensorFiles.open(url) }
      #expect(error?.description.contains("git lfs pull") == true)
    }
  }
}
