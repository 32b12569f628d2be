import Detectors
import Foundation
import NeuralNetworks
import Tensors

/// How much memory one training takes, measured.
package enum StepMemory {
  /// The bytes that a whole run adds to the process: three copies of the parameters
  /// (weights' gradients and the optimizer's moments) and the peak of one step.
  ///
  /// The peak is that of a forward and backward pass over a few of the samples, scaled to
  /// the batch. No number of the model changes.
  ///
  /// - Returns: nil where the system does not report peaks.
  package static func measure(
    _ model: DetectorModel, samples: [TrainingSample], batchSize: Int, usesDescriptions: Bool
  ) -> Int? {
    // The longest videos: their batch is the one that must fit.
    let longest = samples.sorted { $0.features.rowCount > $1.features.rowCount }
    let rows = Array(longest.prefix(min(4, batchSize)))
    // A file that cannot be read is told where the run reads it.
    guard !rows.isEmpty, resetPeak(), let before = status("VmRSS"),
      let batch = try? model.batch(of: rows, usesDescriptions: usesDescriptions)
    else { return nil }
    model.losses(batch).total()?.backward()
    model.clearGradients()
    guard let peak = status("VmHWM") else { return nil }
    let parameters = 4 * model.parameterCount
    let step = max(0, peak - before - parameters)
    return 3 * parameters + step * batchSize / rows.count
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
