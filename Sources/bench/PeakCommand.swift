import ArgumentParser
import CPeaks
import Foundation
import Tensors

/// What the processor can do at most: the roof that every ratio of matrix products
/// stays under.
struct PeakCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "peak",
    abstract: "Multiply-adds a second in registers, by arithmetic, on all threads.")

  @Option(help: "Threads.")
  var threads: Int = ProcessInfo.processInfo.activeProcessorCount

  @Option(help: "Measurements; the best counts.")
  var repeats: Int = 5

  func run() throws {
    let processor = CPUFeatures.current
    let kinds: [(name: String, needs: CPUFeatures.Feature, run: @Sendable (Int) -> Double)] = [
      processor.has(.avx512f)
        ? ("f32", .avx512f, { kess_peak_f32($0) }) : ("f32", .avx2, { kess_peak_f32_avx2($0) }),
      ("f16", .avx512FP16, { kess_peak_f16($0) }),
      ("bf16", .avx512BF16, { kess_peak_bf16($0) }),
      ("int8", .avx512VNNI, { kess_peak_int8($0) }),
    ]
    for kind in kinds where processor.has(kind.needs) {
      print(
        String(
          format: "peak %@ threads %d: %.0f GFLOP/s", kind.name, threads, try rate(kind.run)))
    }
  }

  private func rate(_ body: @escaping @Sendable (Int) -> Double) throws -> Double {
    let rounds = 20_000_000
    var best = 0.0
    for _ in 0..<max(1, repeats) {
      let start = ContinuousClock.now
      // Every thread does the same, so that the sum is known.
      MatrixThreads.set(threads)
      try MatrixThreads.divide(threads) { items, _ in
        for _ in items { _ = body(rounds) }
      }
      let seconds = (ContinuousClock.now - start) / .seconds(1)
      best = max(best, operations(body, rounds) / seconds / 1e9)
    }
    return best
  }

  /// The operations of one run on all threads; they grow with the rounds.
  private func operations(_ body: (Int) -> Double, _ rounds: Int) -> Double {
    body(1) * Double(rounds) * Double(threads)
  }
}
