import ArgumentParser
import Foundation
import Synchronization
import Tensors

/// What the matrix libraries reach at the products of a training step.
struct ProductsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "products",
    abstract: "Products of one video's training step a second, by library.")

  @Option(help: "Workers, each with products of its own on one thread.")
  var threads: Int = ProcessInfo.processInfo.activeProcessorCount

  @Option(help: "Seconds a shape.")
  var seconds: Double = 0.3

  private struct Shape {
    var name: String
    var m, n, k: Int
    var transposeA = false
    var transposeB = false
  }

  /// Of 256 snippets of width 512.
  private static let shapes = [
    Shape(name: "tap", m: 256, n: 512, k: 512, transposeB: true),
    Shape(name: "tap, input gradient", m: 256, n: 512, k: 512),
    Shape(name: "tap, weight gradient", m: 512, n: 512, k: 256, transposeA: true),
    Shape(name: "MLP", m: 256, n: 2048, k: 512, transposeB: true),
    Shape(name: "MLP, input gradient", m: 256, n: 512, k: 2048),
    Shape(name: "MLP, weight gradient", m: 2048, n: 512, k: 256, transposeA: true),
    Shape(name: "projections", m: 256, n: 1536, k: 512, transposeB: true),
    Shape(name: "cosines", m: 256, n: 256, k: 512, transposeB: true),
    Shape(name: "neighbours", m: 256, n: 256, k: 256),
  ]

  func run() {
    MatrixThreads.set(threads)
    print("shape                  m    n    k   " + names.joined(separator: "  ") + "  GFLOP/s")
    let libraries = ProductLibrary.runnable
    let single = ProductLibrary.singlePrecision.count
    var total = libraries.map { _ in 0.0 }
    var best = 0.0
    for shape in Self.shapes {
      let rates = libraries.map { rate(of: shape, by: $0) }
      for index in rates.indices { total[index] += 1 / rates[index] }
      best = max(best, rates.prefix(single).max() ?? 0)
      let cells = rates.map { String(format: "%8.1f", $0 / 1e9) }.joined(separator: "  ")
      print(
        shape.name.padding(toLength: 21, withPad: " ", startingAt: 0)
          + String(format: "%5d%5d%5d  ", shape.m, shape.n, shape.k) + cells)
    }
    let means = total.map { Double(Self.shapes.count) / $0 }
    print(
      String(
        format: "%d threads: the better f32 library's harmonic mean %.0f GFLOP/s, best shape %.0f",
        threads, (means.prefix(single).max() ?? 0) / 1e9, best / 1e9))
    if means.count > single {
      print(String(format: "bf16: harmonic mean %.0f GFLOP/s", means[single] / 1e9))
    }
  }

  private var names: [String] { ProductLibrary.runnable.map(\.rawValue) }

  /// Operations a second of all workers together.
  private func rate(of shape: Shape, by library: ProductLibrary) -> Double {
    let done = Mutex(0.0)
    library.alone {
      MatrixThreads.divide(threads) { workers, _ in
        MatrixThreads.withOneThread {
          for _ in workers {
            let rate = library.rates(
              rows: shape.m, inner: shape.k, columns: shape.n, transposeA: shape.transposeA,
              transposeB: shape.transposeB, adds: shape.transposeA, for: .seconds(seconds)
            ).mean
            done.withLock { $0 += rate }
          }
        }
      }
    }
    return done.withLock { $0 }
  }
}
