import ArgumentParser
import CPeaks
import Foundation
import Tensors

/// What one core can do at most: the roof that every ratio of matrix products
/// stays under.
struct PeakCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "peak",
    abstract: "Multiply-adds a second in registers, on one core, by arithmetic.")

  @Option(help: "Measurements of some 50 ms; the best counts.")
  var repeats: Int = 12

  func run() {
    let processor = CPUFeatures.current
    let kinds: [(name: String, needs: CPUFeatures.Feature, run: (Int) -> Double)] = [
      processor.has(.avx512f)
        ? ("f32", .avx512f, { kess_peak_f32($0) }) : ("f32", .avx2, { kess_peak_f32_avx2($0) }),
      ("f16", .avx512FP16, { kess_peak_f16($0) }),
      ("bf16", .avx512BF16, { kess_peak_bf16($0) }),
      ("int8", .avx512VNNI, { kess_peak_int8($0) }),
    ]
    for kind in kinds {
      guard processor.has(kind.needs) else {
        print("peak \(kind.name): left out, the processor has no \(kind.needs.rawValue)")
        continue
      }
      print(String(format: "peak %@, one core: %.0f GFLOP/s", kind.name, rate(kind.run)))
    }
  }

  private func rate(_ body: (Int) -> Double) -> Double {
    var rounds = 1_000_000
    var operations = 0.0
    let start = Timings.Clock.wall.seconds
    // Twice as many until a measurement lasts 50 ms or a second is over.
    while true {
      let least = Timings(repeats: 1) { operations = body(rounds) }.least
      if least > 0.05 || Timings.Clock.wall.seconds - start > 1 { break }
      rounds *= 2
    }
    let timings = Timings(repeats: repeats) { operations = body(rounds) }
    return operations / timings.least / 1e9
  }
}
