import Foundation
import Tensors
import TestSupport
import Testing

@Suite struct SafetensorsTests {
  @Test func whatIsWrittenIsReadBack() throws {
    let folder = try TemporaryFolder()
    let url = folder.file("deep/er/out.safetensors")
    let tensors: [(String, Tensor<Float>)] = [
      (
        "z \"quoted\" \\ ü/\n",
        Tensor(shape: [2, 2], scalars: [1, -0.0, .infinity, Float(bitPattern: 77)])
      ),
      ("empty", Tensor(shape: [0, 5])), ("scalar", Tensor(shape: [], scalars: [7])),
    ]
    try Safetensors.write(tensors, metadata: ["k": "v\n\"", "": ""], to: url)
    let file = try SafetensorsFile(url: url)
    #expect(Set(file.names) == Set(tensors.map(\.0)))
    for (name, tensor) in tensors { #expect(try file.tensor(name) == tensor) }
    #expect(file.metadata == ["k": "v\n\"", "": ""])
  }

  @Test func theDataIsAlignedAndTheBytesRepeat() throws {
    let folder = try TemporaryFolder()
    for length in 1...9 {
      let name = String(repeating: "n", count: length)
      let url = folder.file("a")
      try Safetensors.write([(name, Tensor(shape: [1], scalars: [1]))], to: url)
      let first = try Data(contentsOf: url)
      #expect((first.count - 4) % 8 == 0)
      try Safetensors.write([(name, Tensor(shape: [1], scalars: [1]))], to: url)
      #expect(try Data(contentsOf: url) == first)
    }
  }

  @Test func aRepeatedNameIsRefusedAndLeavesNoFile() throws {
    let folder = try TemporaryFolder()
    let url = folder.file("a.safetensors")
    let one = Tensor<Float>(shape: [1])
    #expect(throws: TensorError.self) { try Safetensors.write([("a", one), ("a", one)], to: url) }
    #expect(throws: TensorError.self) { try Safetensors.write([("__metadata__", one)], to: url) }
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.url.path).isEmpty)
  }
}

@Suite struct MappedMatrixTests {
  @Test("rows are those of the whole tensor, in every element type")
  func rows() throws {
    let folder = try TemporaryFolder()
    let tensor = Tensor<Float>(shape: [5, 3], scalars: (0..<15).map { Float($0) / 4 - 1 })
    for type in StoredFloatType.allCases {
      let url = folder.file("\(type.rawValue).safetensors")
      try Safetensors.write(
        [
          .bytes("b", shape: [1, 3], [7, 8, 255]), .floats("m", tensor, as: type),
          .integers("i", [-1, 1 << 40]),
        ], to: url)
      let file = try SafetensorsFile(url: url)
      let matrix = try file.matrix("m")
      #expect(matrix.rowCount == 5 && matrix.width == 3)
      for row in 0..<5 { #expect(matrix.row(row) == tensor[row: row].scalars) }
      #expect(matrix.rows(1..<4) == tensor[rows: 1..<4])
      #expect(try file.bytes("b") == [7, 8, 255])
      #expect(try file.integers("i") == [-1, 1 << 40])
      #expect(throws: TensorError.self) { try file.matrix("i") }
      #expect(throws: TensorError.self) { try file.matrix("b") }
      #expect(throws: TensorError.self) { try file.bytes("m") }
    }
  }
}
