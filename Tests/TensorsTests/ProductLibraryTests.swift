import Records
import Tensors
import TestSupport
import Testing

/// Products of every library against sums in double precision.
@Suite struct ProductLibraryTests {
  /// To the nearest bfloat16, ties to even.
  private static func rounded(_ x: Float) -> Float {
    let bits = x.bitPattern
    return Float(bitPattern: (bits + 0x7fff + (bits >> 16 & 1)) & 0xffff_0000)
  }

  /// op(A)·op(B) of a random product, with strides, as the library and as sums of `Double`.
  private static func check(
    _ library: ProductLibrary, _ generator: inout SeededGenerator, most: Int
  ) {
    func number(_ bound: Int) -> Int { 1 + Int(generator.nextUniform() * Double(bound)) }
    let (m, n, k) = (number(most), number(most), number(most * 6))
    let (transposeA, transposeB) = (generator.nextUniform() < 0.5, generator.nextUniform() < 0.5)
    let adds = generator.nextUniform() < 0.5
    let lda = (transposeA ? m : k) + number(3) - 1
    let ldb = (transposeB ? k : n) + number(3) - 1
    let ldc = n + number(3) - 1
    func random(_ count: Int) -> [Float] { (0..<count).map { _ in Float(generator.nextNormal()) } }
    // No number lies behind the last one that is read.
    let a = random(((transposeA ? k : m) - 1) * lda + (transposeA ? m : k))
    let b = random(((transposeB ? n : k) - 1) * ldb + (transposeB ? k : n))
    let before = random((m - 1) * ldc + n)
    let result = GuardedFloats(before)
    let (left, right) = (GuardedFloats(a), GuardedFloats(b))
    library.multiply(
      transposeA: transposeA, transposeB: transposeB, m: m, n: n, k: k, alpha: 0.5,
      a: left.start, lda: lda, b: right.start, ldb: ldb, beta: adds ? 1 : 0, c: result.start,
      ldc: ldc)
    let after = result.numbers
    let rounds = library == .bf16 && min(m, n, k) >= 16
    for row in 0..<m {
      for column in 0..<ldc where row * ldc + column < before.count {
        let place = row * ldc + column
        guard column < n else {
          #expect(after[place] == before[place], "\(library): a number between rows changed")
          continue
        }
        var (sum, scale) = (0.0, 1.0)
        for index in 0..<k {
          var x = a[transposeA ? index * lda + row : row * lda + index]
          var y = b[transposeB ? column * ldb + index : index * ldb + column]
          if rounds { (x, y) = (rounded(x), rounded(y)) }
          sum += Double(x) * Double(y)
          scale += abs(Double(x) * Double(y))
        }
        let expected = 0.5 * sum + (adds ? Double(before[place]) : 0)
        #expect(
          abs(Double(after[place]) - expected) <= 1e-6 * scale,
          "\(library) \(m) x \(n) x \(k), transposed \(transposeA), \(transposeB), adds \(adds)")
        if abs(Double(after[place]) - expected) > 1e-6 * scale { return }
      }
    }
  }

  @Test("every library, on random shapes, strides and transposes, within its memory")
  func products() {
    var generator = SeededGenerator(seed: 11)
    for library in ProductLibrary.runnable {
      for _ in 0..<40 { Self.check(library, &generator, most: 70) }
      for _ in 0..<20 { Self.check(library, &generator, most: 18) }
    }
  }

  @Test("the trial chooses a library in single precision")
  func trial() {
    #expect(ProductLibrary.singlePrecision.contains(ProductLibrary.fastest))
    #expect(!ProductLibrary.trial.keys.contains(.bf16))
  }
}
