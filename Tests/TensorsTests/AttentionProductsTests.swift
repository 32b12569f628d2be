import Foundation
import Records
import Tensors
import Testing

@Suite struct AttentionProductsTests {
  /// softmax(q · kᵀ / √headWidth) · v in double precision, written as it is defined.
  private func expected(
    _ projections: [Float], length: Int, width: Int, heads: Int, isCausal: Bool
  ) -> [Double] {
    let headWidth = width / heads
    func element(_ row: Int, _ part: Int, _ column: Int) -> Double {
      Double(projections[(3 * row + part) * width + column])
    }
    var output = [Double](repeating: 0, count: length * width)
    for head in 0..<heads {
      let columns = head * headWidth..<(head + 1) * headWidth
      for row in 0..<length {
        let seen = isCausal ? row + 1 : length
        let scores = (0..<seen).map { key in
          columns.reduce(0.0) { $0 + element(row, 0, $1) * element(key, 1, $1) }
            / Double(headWidth).squareRoot()
        }
        let largest = scores.max() ?? 0
        let weights = scores.map { exp($0 - largest) }
        let total = weights.reduce(0, +)
        for column in columns {
          output[row * width + column] =
            (0..<seen).reduce(0.0) { $0 + weights[$1] * element($1, 2, column) } / total
        }
      }
    }
    return output
  }

  // Head widths that the kernels take and one that they do not; lengths about their
  // blocks of rows and keys, where the one for halves begins, and past the longest of
  // the one for single precision.
  @Test(
    "attention is what its definition says",
    arguments: [(32, 2), (64, 1), (48, 1), (80, 5), (24, 3)],
    [1, 2, 6, 7, 15, 16, 17, 33, 65, 77, 128, 131, 155, 258])
  func theDefinition(shape: (width: Int, heads: Int), length: Int) throws {
    let (width, heads) = shape
    var generator = SeededGenerator(seed: UInt64(length * width))
    let projections = (0..<length * 3 * width).map { _ in
      Float.random(in: -2...2, using: &generator)
    }
    for (isCausal, arithmetic) in [
      (false, LinearArithmetic.f32), (true, .f32), (false, .f16), (true, .f16),
    ] where arithmetic.runs(on: .current) {
      let workspace = LinearWorkspace(threads: 1)
      var output = [Float](repeating: .nan, count: length * width)
      var scores = [Float](repeating: .nan, count: heads * length * length)
      try AttentionProducts.apply(
        projections, length: length, width: width, heads: heads, isCausal: isCausal,
        arithmetic: arithmetic, scores: &scores, into: &output, workspace: workspace)
      let right = expected(
        projections, length: length, width: width, heads: heads, isCausal: isCausal)
      let differences = zip(output, right).map { abs(Double($0) - $1) }
      // Eleven bits of likenesses of up to 80 here.
      let bound = arithmetic == .f32 ? 2e-6 : 2e-2
      let isClose = differences.allSatisfy { $0 < bound }
      #expect(isClose, "\(arithmetic), causal \(isCausal): \(differences.max() ?? 0)")
    }
  }

  @Test(
    "likenesses beyond half precision give no numbers, never wrong ones; large ones are right",
    .enabled(if: LinearArithmetic.f16.runs(on: .current)),
    arguments: [
      (Float(60), Float(60), true), (4000, 4000, false), (0.001, -100_000, false),
    ])
  func rangeOfHalves(size: Float, key: Float, isRight: Bool) throws {
    let (length, width) = (130, 64)
    var projections = [Float](repeating: 0, count: length * 3 * width)
    for row in 0..<length {
      for column in 0..<width {
        projections[(3 * row) * width + column] = size
        projections[(3 * row + 1) * width + column] = row == 3 ? key : size / 2
        projections[(3 * row + 2) * width + column] = Float(row)
      }
    }
    var output = [Float](repeating: 7, count: length * width)
    var scores = [Float](repeating: .nan, count: length * length)
    try AttentionProducts.apply(
      projections, length: length, width: width, heads: 1, isCausal: false, arithmetic: .f16,
      scores: &scores, into: &output, workspace: LinearWorkspace(threads: 1))
    // All attention goes to row 3.
    let isThree = output.allSatisfy { $0 == 3 }
    let isNoNumber = output.allSatisfy(\.isNaN)
    #expect(isRight ? isThree : isNoNumber, "\(output[0])")
  }
}
