import Foundation
import Records
import Tensors
import TestSupport
import Testing

/// Good files with random changes: an error or tensors of the promised shape, never
/// a crash. `KESS_SOAK` runs ten thousand times as many, in parts that each report
/// their end: about an hour.
@Suite(.blocking) struct ReaderFuzzTests {
  private static let isSoak = ProcessInfo.processInfo.environment["KESS_SOAK"] == "1"
  private static let parts: Range<UInt64> = isSoak ? 0..<60 : 0..<1
  private static let rounds = isSoak ? 500_000 : 3000

  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  @Test(
    "changed safetensors headers give an error or tensors of the promised shape",
    arguments: parts)
  func safetensors(part: UInt64) throws {
    let url = folder.file("good.safetensors")
    try Safetensors.write(
      [
        .floats("weight", Tensor(shape: [4, 3], repeating: 1)),
        .floats("half", Tensor(shape: [5], repeating: 2), as: .float16),
        .integers("ids", [1, 2, 3]), .bytes("text", shape: [2, 2], [1, 2, 3, 4]),
      ], metadata: ["format": "pt", "ü": "\u{1F525}"], to: url)
    let good = try Data(contentsOf: url)
    let header = Int(good.withUnsafeBytes { $0.loadUnaligned(as: UInt64.self) })
    var mutator = ByteMutator(
      words: [
        "0", "9", "1152921504606846976", "9223372036854775807", "18446744073709551616", "-1", "1e9",
        "[", "]", "{", "}", ",", ":", "\"", "\\u0000", "\\ud800", "\\udc00", "\"dtype\"",
        "\"shape\"",
        "\"data_offsets\"", "\"F64\"", "\"BOOL\"", "\"__metadata__\"", "\"weight\"", "null", "true",
      ], using: SeededGenerator(seed: 11 + 1000 * part))
    var generator = SeededGenerator(seed: 12 + 1000 * part)
    var opened = 0
    for _ in 0..<Self.rounds {
      var data = mutator.mutated(good, in: 8..<8 + header)
      // The stated length follows the header's own, so that the parser is reached.
      if Int.random(in: 0..<8, using: &generator) > 0 {
        let length = UInt64(data.count - (good.count - 8 - header) - 8)
        withUnsafeBytes(of: length.littleEndian) { data.replaceSubrange(0..<8, with: $0) }
      }
      try data.write(to: url)
      guard let file = try readOrRefused({ try SafetensorsFile(url: url) }) else { continue }
      opened += 1
      var bytes = 0
      for name in file.names {
        let shape = try #require(file.shape(of: name))
        bytes += shape.reduce(file.elementType(of: name)?.byteCount ?? 0, *)
        if let tensor = try? file.tensor(name) { #expect(tensor.shape == shape) }
        if let matrix = try? file.matrix(name), matrix.rowCount > 0 {
          #expect(matrix.row(matrix.rowCount - 1).count == matrix.width)
        }
        if let list = try? file.integers(name) { #expect(list.count == shape.reduce(1, *)) }
        _ = try? file.bytes(name)
      }
      // Every byte belongs to one tensor.
      #expect(bytes == good.count - 8 - header || bytes < data.count)
    }
    #expect(opened > Self.rounds / 100, "\(opened)")
  }

  @Test("changed .npy files give an error or an array of the promised shape", arguments: parts)
  func npy(part: UInt64) throws {
    let url = folder.file("good.npy")
    try Npy.write(Tensor(shape: [3, 4], scalars: (0..<12).map(Float.init)), to: url)
    let good = try Data(contentsOf: url)
    var mutator = ByteMutator(
      words: [
        "0", "3", "12", "9223372036854775807", "4611686018427387904", "-1", "'|O'", "'>f8'",
        "'<c8'",
        "'<f2'", "'<U4'", "True", "False", "(", ")", "(3,", "{", "}", "'descr'", "'shape'", "\"",
        "'",
        ",", ":", "L", "0x10", "\n",
      ], using: SeededGenerator(seed: 13 + 1000 * part))
    var opened = 0
    for _ in 0..<Self.rounds {
      // The header is where it can be misread; the data is any float.
      try mutator.mutated(good, in: 6..<80).write(to: url)
      guard let tensor = try readOrRefused({ try Npy.read(url) }) else { continue }
      opened += 1
      #expect(tensor.scalars.count == tensor.shape.reduce(1, *))
      #expect(try Npy.layout(of: url).shape == tensor.shape)
    }
    #expect(opened > 0)
  }

  /// What a reader gives, or nil for an error that a user can read; any other
  /// error fails the test.
  private func readOrRefused<Value>(_ read: () throws -> Value) throws -> Value? {
    do {
      return try read()
    } catch let error as any ReportableError {
      #expect(!error.description.isEmpty)
      return nil
    }
  }
}
