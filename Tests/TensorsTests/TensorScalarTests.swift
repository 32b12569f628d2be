import Records
import Tensors
import Testing

@Suite struct TensorScalarTests {
  private struct Case: Sendable {
    var rows: Int
    var columns: Int
    var inner: Int
    var transposeA = false
    var transposeB = false
  }

  private static let cases = [
    Case(rows: 1, columns: 1, inner: 1), Case(rows: 3, columns: 5, inner: 7),
    Case(rows: 17, columns: 33, inner: 65, transposeA: true),
    Case(rows: 40, columns: 9, inner: 31, transposeB: true),
    Case(rows: 8, columns: 16, inner: 128, transposeA: true, transposeB: true),
    // Large enough for several threads.
    Case(rows: 320, columns: 330, inner: 340, transposeB: true),
    // An empty sum leaves beta C.
    Case(rows: 4, columns: 6, inner: 0),
  ]

  /// The largest difference from sums in double precision, where rows are stored with
  /// three elements of padding that must stay as they are.
  private func largestError<Scalar: TensorScalar>(
    _ item: Case, alpha: Scalar, beta: Scalar, initial: Scalar
  ) -> Double {
    let padding = 3
    var random = SeededGenerator(seed: 5)
    func matrix(_ rows: Int, _ columns: Int) -> [Scalar] {
      (0..<max(1, rows * (columns + padding))).map { _ in Scalar(random.nextUniform() - 0.5) }
    }
    let (m, n, k) = (item.rows, item.columns, item.inner)
    let (rowsA, columnsA) = item.transposeA ? (k, m) : (m, k)
    let (rowsB, columnsB) = item.transposeB ? (n, k) : (k, n)
    let (a, b) = (matrix(rowsA, columnsA), matrix(rowsB, columnsB))
    let (strideA, strideB, strideC) = (columnsA + padding, columnsB + padding, n + padding)
    let before = [Scalar](repeating: initial, count: m * strideC)
    var c = before
    Scalar.gemm(
      transposeA: item.transposeA, transposeB: item.transposeB, m: m, n: n, k: k, alpha: alpha,
      a: a, lda: strideA, b: b, ldb: strideB, beta: beta, c: &c, ldc: strideC)
    var largest = 0.0
    for row in 0..<m {
      for column in 0..<strideC {
        let place = row * strideC + column
        guard column < n else {
          let isKept = c[place] == before[place] || (c[place].isNaN && before[place].isNaN)
          if !isKept { return .infinity }
          continue
        }
        var sum = beta == 0 ? 0 : Double(beta) * Double(initial)
        for inner in 0..<k {
          let left = a[item.transposeA ? inner * strideA + row : row * strideA + inner]
          let right = b[item.transposeB ? column * strideB + inner : inner * strideB + column]
          sum += Double(alpha) * Double(left) * Double(right)
        }
        // NaN is no small error.
        let error = abs(Double(c[place]) - sum)
        largest = error <= largest ? largest : error.isNaN ? .infinity : error
      }
    }
    return largest
  }

  @Test("matrix products equal sums in double precision, for every layout", arguments: cases)
  private func products(item: Case) {
    let bound = 1e-6 * Double(item.inner + 1)
    #expect(largestError(item, alpha: Float(1), beta: 0, initial: 0) < bound)
    #expect(largestError(item, alpha: Float(-0.5), beta: 2, initial: 0.25) < bound)
    #expect(largestError(item, alpha: Double(-0.5), beta: 2, initial: 0.25) < 1e-9 * bound * 1e3)
  }

  @Test("what was in the result does not matter with beta 0", arguments: cases)
  private func betaZero(item: Case) {
    #expect(
      largestError(item, alpha: Float(1), beta: 0, initial: .nan) < 1e-6 * Double(item.inner + 1))
  }
}
