import Records
import Tensors
import Testing

@Suite struct ResamplingPassTests {
  /// Taps as resampling has them: some weights negative, sums about one.
  private func taps(
    _ count: Int, of size: Int, most: Int, using generator: inout SeededGenerator
  ) -> [ResamplingPass.Taps] {
    (0..<count).map { _ in
      let length = Int.random(in: 1...min(most, size), using: &generator)
      let one = Int32(1) << ResamplingPass.fractionBits
      var weights = (0..<length).map { _ in
        Int32.random(in: -one / 4...one / 2, using: &generator) / Int32(length)
      }
      weights[length / 2] = one - weights.reduce(0, &+) + weights[length / 2]
      return ResamplingPass.Taps(
        start: Int.random(in: 0...size - length, using: &generator), weights: weights)
    }
  }

  @Test(
    "both passes equal the portable ones, at every edge",
    arguments: [
      (1, 1, 1), (1, 9, 5), (9, 1, 3), (2, 2, 2), (3, 2, 4), (5, 7, 9), (17, 16, 15),
      (64, 33, 31), (101, 40, 57),
    ])
  func kernelsEqualThePortableLoops(width: Int, height: Int, columns: Int) {
    var generator = SeededGenerator(seed: UInt64(width * 1000 + height))
    for most in [1, 2, 5, 20] {
      // All dark or all bright parts drive sums over both ends of a byte.
      let pixels = (0..<width * height * 3).map { _ in
        [0, 255, UInt8.random(in: 0...255, using: &generator)]
          .randomElement(using: &generator) ?? 0
      }
      let across = taps(columns, of: width, most: most, using: &generator)
      for rows in [0..<height, height / 2..<height, 0..<(height + 1) / 2, 0..<0] {
        #expect(
          ResamplingPass.alongRows(pixels, width: width, rows: rows, across)
            == ResamplingPass.alongRowsPortably(pixels, width: width, rows: rows, across))
      }
      let down = taps(columns, of: height, most: most, using: &generator)
      #expect(
        ResamplingPass.alongColumns(pixels, line: width * 3, down)
          == ResamplingPass.alongColumnsPortably(pixels, line: width * 3, down))
    }
  }
}
