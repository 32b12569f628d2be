import Datasets
import Foundation
import TestSupport
import Testing

@Suite struct FrameMaskFileTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  /// A .npy file as NumPy writes it.
  private func file(
    type: String, shape: String, _ data: [UInt8], version: UInt8 = 1, order: String = "False"
  ) throws -> URL {
    var header = "{'descr': '\(type)', 'fortran_order': \(order), 'shape': (\(shape)), }"
    header += String(repeating: " ", count: 117 - header.utf8.count) + "\n"
    let length: [UInt8] = version == 1 ? [118, 0] : [118, 0, 0, 0]
    let bytes = [0x93] + Array("NUMPY".utf8) + [version, 0] + length + Array(header.utf8) + data
    try Data(bytes).write(to: folder.file("01_0014.npy"))
    return folder.file("01_0014.npy")
  }

  private static func bytes<Value: BitwiseCopyable>(_ values: [Value]) -> [UInt8] {
    values.withUnsafeBytes { Array($0) }
  }

  @Test(
    arguments: [
      ("|b1", bytes([0, 1, 1, 0, 1] as [UInt8])), ("|u1", bytes([0, 255, 1, 0, 7] as [UInt8])),
      ("|i1", bytes([0, -1, 1, 0, 7] as [Int8])), ("<i2", bytes([0, 256, 1, 0, 7] as [Int16])),
      (">i4", bytes([0, 1 << 24, 1, 0, 7] as [Int32])),
      ("<i8", bytes([0, 1 << 60, 1, 0, 7] as [Int64])),
      ("<u8", bytes([0, 1, 1, 0, .max] as [UInt64])),
      ("<f4", bytes([-0.0, 1, .nan, 0, -2] as [Float])),
      ("<f8", bytes([0, 0.5, 1, -0.0, 3] as [Double])),
      (">f8", [-0.0, 0.5, 1, 0, 3].flatMap { bytes([($0 as Double).bitPattern.bigEndian]) }),
      ("<f2", bytes([0x8000, 0x3C00, 0x0001, 0, 0x3C00] as [UInt16])),
    ])
  func `runs of labels that are not zero are events, whatever the element type`(
    type: String, data: [UInt8]
  ) throws {
    for version: UInt8 in 1...3 {
      let mask = try FrameMaskFile(
        contentsOf: file(type: type, shape: "5,", data, version: version))
      #expect(mask.frameCount == 5 && mask.events == [1..<3, 4..<5])
    }
  }

  @Test func `an empty array, and one in Fortran order, are read`() throws {
    #expect(try FrameMaskFile(contentsOf: file(type: "|u1", shape: "0,", [])).events.isEmpty)
    let mask = try FrameMaskFile(
      contentsOf: file(type: "|u1", shape: "2,", [1, 1], order: "True"))
    #expect(mask.events == [0..<2])
  }

  private func message(_ url: URL) throws -> String {
    try #require(throws: DatasetError.self) { try FrameMaskFile(contentsOf: url) }.description
  }

  @Test func `other arrays and damaged files are refused by name, with what was found`() throws {
    let path = folder.file("01_0014.npy").path
    #expect(
      try message(file(type: "|u1", shape: "2, 2", [1, 1, 1, 1]))
        == "\(path): found an array of shape [2, 2], expected one dimension, one number per frame")
    #expect(try message(file(type: "|u1", shape: "", [1])).contains("shape []"))
    #expect(try message(file(type: "|O", shape: "1,", [1])).contains("elements of type '|O'"))
    #expect(try message(file(type: "|b2", shape: "1,", [1, 0])).contains("elements of type '|b2'"))
    for data: [UInt8] in [[1, 1], [1, 1, 1, 1]] {
      #expect(
        try message(file(type: "|u1", shape: "3,", data))
          .contains("found \(data.count) bytes of labels, expected 3 labels of type '|u1'"))
    }
    #expect(try message(file(type: "<i8", shape: "\(Int.max),", [])).contains("0 bytes of labels"))
    let whole = try Data(contentsOf: file(type: "|u1", shape: "1,", [1]))
    for end in [0, 5, 11, 60] {
      try whole.prefix(end).write(to: folder.file("01_0014.npy"))
      #expect(try message(folder.file("01_0014.npy")).hasPrefix(path + ": found "))
    }
    #expect(try message(folder.file("none.npy")).contains("no such file"))
  }
}
