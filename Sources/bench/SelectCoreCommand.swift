import ArgumentParser
import Foundation
import KeyEvents
import Records

/// The selection alone, on a made-up curve: no video, no encoder.
struct SelectCoreCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "select-core", abstract: "Seconds of one exact selection from N candidates.")

  @Option(help: "Candidates.")
  var candidates: Int = 100_000

  @Option(help: "Frames to choose.")
  var frames: Int = 64

  @Option(help: "Repetitions; the median counts.")
  var repeats: Int = 5

  @Option(help: "The objective's dial.")
  var spread: Double = 0.5

  func run() throws {
    var generator = SeededGenerator(seed: 1)
    let relevance = (0..<candidates).map { _ in Double.random(in: 0..<1, using: &generator) }
    let curve = RelevanceCurve(
      timestamps: (0..<candidates).map(Double.init), relevance: relevance,
      durationSeconds: Double(candidates))
    let timings = try Timings(repeats: repeats) {
      let selection = try CurveSelection(
        of: curve, frames: frames, strategy: .kess,
        parameters: SelectionParameters(spread: spread))
      precondition(
        selection.chosen.count == min(frames, candidates), "\(selection.chosen.count) frames")
    }
    print(
      String(
        format: "select-core N %d k %d spread %.2f: median %.4f s, least %.4f s", candidates,
        frames, spread, timings.median, timings.least))
  }
}
