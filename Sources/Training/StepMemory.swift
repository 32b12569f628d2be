import Detectors
import Foundation
import NeuralNetworks
import Tensors

/// How much memory one training takes, measured.
package enum StepMemory {
  /// The bytes that a whole run adds to the process: three copies of the parameters
  /// (weights' gradients and the optimizer's moments) and the peak of one step.
  ///
  /// The peaks of forward and backward passes over half a dozen of the longest samples and over
  /// a third of them tell what a step needs in any case and what each video adds. No number of
  /// the model changes.
  ///
  /// - Returns: nil where the system does not report peaks.
  package static func measure(
    _ model: DetectorModel, samples: [TrainingSample], batchSize: Int, usesDescriptions: Bool
  ) -> Int? {
    // The longest videos: their batch is the one that must fit.
    let longest = samples.sorted { $0.features.rowCount > $1.features.rowCount }
    let counts = Set([min(2, longest.count), min(6, batchSize, longest.count)]).sorted()
    guard let most = counts.last, most > 0, resetPeak(), let before = status("VmRSS") else {
      return nil
    }
    let peaks = counts.compactMap { count -> Int? in
      // A file that cannot be read is told where the run reads it.
      guard
        let batch = try? model.batch(
          of: Array(longest.prefix(count)), usesDescriptions: usesDescriptions)
      else { return nil }
      model.losses(batch).total()?.backward()
      model.clearGradients()
      return status("VmHWM").map { max(0, $0 - before) }
    }
    model.releaseTrainingMemory()
    guard peaks.count == counts.count, let small = peaks.first, let large = peaks.last else {
      return nil
    }
    let added =
      counts.count > 1 ? (large - small) / (most - counts[0]) : large / most
    // A step's own peak contains one copy of the parameters: their gradients.
    return 2 * 4 * model.parameterCount + large + added * max(0, batchSize - most)
  }

  /// What is free for more, and of how much, in bytes; nil where the system does not say.
  package static var available: (free: Int, total: Int)? {
    guard let free = value("MemAvailable", in: "/proc/meminfo"),
      let total = value("MemTotal", in: "/proc/meminfo")
    else { return nil }
    return (free, total)
  }

  private static func status(_ key: String) -> Int? { value(key, in: "/proc/self/status") }

  private static func value(_ key: String, in path: String) -> Int? {
    guard let text = try? String(contentsOfFile: path, encoding: .utf8),
      let line = text.split(separator: "\n").first(where: { $0.hasPrefix(key + ":") }),
      let kibibytes = line.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap({
        Int($0)
      })
    else { return nil }
    return kibibytes * 1024
  }

  /// Sets the process's recorded peak back to what it has now (Linux, `clear_refs`).
  private static func resetPeak() -> Bool {
    guard let file = FileHandle(forWritingAtPath: "/proc/self/clear_refs") else { return false }
    defer { try? file.close() }
    return (try? file.write(contentsOf: Data("5".utf8))) != nil
  }
}
