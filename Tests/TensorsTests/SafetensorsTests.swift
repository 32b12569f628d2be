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

  @Test("tensors in pieces are the same file as whole ones", arguments: StoredFloatType.allCases)
  func inPieces(type: StoredFloatType) throws {
    let folder = try TemporaryFolder()
    let (rows, width) = (1200, 300)
    let tensor = Tensor<Float>(
      shape: [rows, width], scalars: (0..<rows * width).map { Float($0 % 977) / 16 - 20 })
    let numbers = (0..<rows).map { $0 * $0 - 5 }
    let bytes = (0..<rows * 3).map { UInt8($0 % 251) }
    try Safetensors.write(
      [
        .integers("i", numbers), .floats("m", tensor, as: type),
        .bytes("b", shape: [rows, 3], bytes),
      ], metadata: ["k": "v"], to: folder.file("whole"))
    try Safetensors.write(
      [
        .integers("i", count: rows) { take in for number in numbers { try take([number]) } },
        .floats("m", shape: [rows, width], as: type) { take in
          for row in 0..<rows { try take(tensor[row: row].scalars) }
        },
        .bytes("b", shape: [rows, 3]) { take in
          for row in 0..<rows { try take(Array(bytes[row * 3..<row * 3 + 3])) }
        },
      ], metadata: ["k": "v"], to: folder.file("pieces"))
    #expect(try Data(contentsOf: folder.file("pieces")) == Data(contentsOf: folder.file("whole")))
    let file = try SafetensorsFile(url: folder.file("whole"))
    #expect(try file.tensor("m") == tensor)
    // A part of a tensor, read before and after its memory was given back.
    for _ in 0..<2 {
      #expect(try file.integers("i", in: 3..<7) == Array(numbers[3..<7]))
      #expect(try file.bytes("b", in: 3598..<3600) == Array(bytes[3598...]))
      #expect(try file.bytes("b", in: 5..<5).isEmpty)
      file.release()
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
