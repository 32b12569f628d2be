import CKernels
import Foundation
import Records
import Testing

/// The element loops of every extension that this processor has, against each other and against
/// the C library.
@Suite struct TrainingLoopsTests {
  private static var all: [kess_training_loops] {
    var count: Int32 = 0
    guard let tables = kess_training_loops_all(&count) else { return [] }
    return (0..<Int(count)).compactMap { tables[$0]?.pointee }
  }

  /// Numbers of several magnitudes; a row is no multiple of any vector.
  private let rows = 7
  private let width = 37
  private let x, y, row, other: [Float]

  init() {
    var generator = SeededGenerator(seed: 11)
    func numbers(_ count: Int, _ scale: Double) -> [Float] {
      (0..<count).map { _ in Float(generator.nextNormal() * scale) }
    }
    x = numbers(rows * width, 3)
    y = numbers(rows * width, 1)
    row = numbers(width, 1)
    other = numbers(width, 1)
  }

  private func close(_ a: [Float], _ b: [Float], _ name: String) {
    let gap = zip(a, b).map { abs($0 - $1) / max(1, abs($1)) }.max() ?? 0
    #expect(a.count == b.count && gap < 2e-5, "\(name): \(gap)")
  }

  @Test("the widest extension is taken, and the loops without one are always there")
  func tables() throws {
    let names = Self.all.map { String(cString: $0.name) }
    #expect(names.last == "no extension")
    #expect(String(cString: kess_training_loops_best().pointee.name) == names.first)
  }

  @Test("activations are those of the C library, and let NaN through")
  func activations() {
    for loops in Self.all {
      var result = x
      loops.quick_gelu(x, &result, x.count)
      close(result, x.map { $0 / (1 + exp(-1.702 * $0)) }, "quick_gelu")
      // In place, as the blocks use it.
      result = y
      result.withUnsafeMutableBufferPointer {
        loops.quick_gelu_gradient(x, $0.baseAddress, $0.baseAddress, x.count)
      }
      close(
        result,
        zip(x, y).map { x, y in
          let s = 1 / (1 + exp(-1.702 * x))
          return y * (s + 1.702 * x * s * (1 - s))
        }, "quick_gelu_gradient")
      loops.sigmoid([.nan, 200, -200, 0], &result, 4)
      #expect(result[0].isNaN && result[1] == 1 && result[2] < 1e-30 && result[3] == 0.5)
    }
  }

  @Test("passes over rows agree with those of no extension")
  func passes() throws {
    let plain = try #require(Self.all.last)
    for loops in Self.all.dropLast() {
      func both(_ name: String, _ body: (kess_training_loops) -> [[Float]]) {
        for (a, b) in zip(body(loops), body(plain)) { close(a, b, name) }
      }
      let zeros = [Float](repeating: 0, count: rows * width)
      let short = [Float](repeating: 0, count: rows)
      both("stage") { loops in
        var (standard, inverse, out) = (zeros, short, zeros)
        loops.stage(x, y, row, other, &standard, &inverse, &out, rows, width, 1e-5)
        var (dx, dweight, dbias, sums) = (zeros, row, row, row)
        loops.stage_gradient(
          y, standard, inverse, row, other, &dx, &dweight, &dbias, &sums, rows, width)
        return [standard, inverse, out, dx, dweight, dbias, sums]
      }
      both("normalize") { loops in
        var (out, mean, inverse) = (zeros, short, short)
        loops.normalize(x, row, other, &out, &mean, &inverse, rows, width, 1e-5)
        var (dx, dweight, dbias) = (x, row, row)
        loops.normalize_gradient(
          y, x, row, mean, inverse, &dx, &dweight, &dbias, rows, width)
        return [out, mean, inverse, dx, dweight, dbias]
      }
      both("unit") { loops in
        var (out, inverse, dx) = (zeros, short, x)
        loops.unit(x, &out, &inverse, rows, width)
        loops.unit_gradient(y, out, inverse, &dx, rows, width)
        return [out, inverse, dx]
      }
      both("softmax") { loops in
        var (out, filtered, kept) = (x, short, y)
        loops.softmax(&out, rows, width, width)
        loops.threshold_softmax(&kept, &filtered, rows, width, 0.7, 0)
        var (first, second) = (zeros, zeros)
        loops.softmax_gradient(out, y, &first, rows, width, width)
        loops.threshold_softmax_gradient(kept, filtered, x, &second, rows, width)
        return [out, kept, filtered, first, second]
      }
      both("spread") { loops in
        var (state, out) = (row, y)
        loops.spread(x, &out, &state, rows, width, width, 0.7, 1)
        return [out]
      }
      both("classify") { loops in
        var logits = short
        loops.classify(x, y, row, other, 0.25, &logits, rows, width, width)
        var (dx, dhidden, dw, dq, sums) = (y, zeros, row, row, row)
        loops.classify_gradient(
          x, y, row, other, logits, Array(logits.reversed()), row, &dx, &dhidden, &dw, &dq, &sums,
          rows, width, width)
        return [logits, dx, dhidden, dw, dq, sums]
      }
      both("sums") { loops in
        var (sums, filled, vector, dots, added) = (row, zeros, row, short, x)
        loops.add_rows(x, &sums, rows, width)
        loops.fill_rows(&filled, row, rows, width)
        loops.add_weighted(x, Array(y.prefix(rows)), &vector, rows, width)
        loops.dot_rows(x, row, &dots, rows, width)
        loops.add(&added, y, x.count)
        loops.scale(&added, 0.5, x.count)
        return [sums, filled, vector, dots, added]
      }
    }
  }

  @Test("the spread over neighbours is the product with exp(-|i - j|/scale)")
  func spreads() {
    for loops in Self.all {
      var (state, out) = (row, x)
      loops.spread(x, &out, &state, rows, width, width, 0.6, 0)
      let wanted = (0..<rows * width).map { index -> Float in
        let (i, column) = (index / width, index % width)
        return (0..<rows).reduce(0) { sum, j in
          sum + pow(0.6, Float(abs(i - j))) * x[j * width + column]
        }
      }
      close(out, wanted, "spread")
    }
  }
}
