import Foundation
import Tensors
import TestSupport
import Testing

@Suite struct StoredFloatTypeTests {
  private func stored(_ values: [Float]) throws -> [Float] {
    let folder = try TemporaryFolder()
    let file = folder.file("x.npy")
    try Npy.write(Tensor(shape: [values.count], scalars: values), as: .float16, to: file)
    return try Npy.read(file).scalars
  }

  @Test("every half survives, and what lies between goes to the nearest, ties to even")
  func halvesAreRoundedToNearestEven() throws {
    #expect(
      try stored([0, -0.5, 1, 65504, 0x1p-24, 0x1p-14, 0x1.ff8p-15])
        == [0, -0.5, 1, 65504, 0x1p-24, 0x1p-14, 0x1.ff8p-15])
    // 1 + 2^-11 lies in the middle of 1 and 1 + 2^-10.
    #expect(
      try stored([1 + 0x1p-11, 1 + 0x1.8p-10, 1 + 0x1.01p-11]) == [1, 1 + 0x1p-9, 1 + 0x1p-10])
    #expect(try stored([0x1p-25, 0x1.8p-24, 0x1.02p-25]) == [0, 0x1p-23, 0x1p-24])
    #expect(try stored([65519, 65520, -1e30]) == [65504, .infinity, -.infinity])
    #expect(try stored([.nan])[0].isNaN)
  }

  @Test("a safetensors file of halves holds the same numbers")
  func safetensorsOfHalves() throws {
    let folder = try TemporaryFolder()
    let file = folder.file("x.safetensors")
    let tensor = Tensor<Float>(shape: [2, 2], scalars: [1.5, -2, 0.1, 0])
    try Safetensors.write([("a", tensor)], as: .float16, to: file)
    let read = try SafetensorsFile(url: file).tensor("a").scalars
    #expect(read[0] == 1.5 && read[1] == -2 && abs(read[2] - 0.1) < 1e-4 && read[2] != 0.1)
  }
}
