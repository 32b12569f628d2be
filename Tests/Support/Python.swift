import Foundation
import Testing

/// The Python that `make test` made, for readers that are not ours.
public enum Python {
  /// Its path where it has tensorboard; nil elsewhere.
  public static let tensorboard: String? = {
    guard let python = ProcessInfo.processInfo.environment["KESS_TEST_PYTHON"],
      let found = try? CommandRun.run(
        python, ["-c", "import tensorboard"], in: FileManager.default.temporaryDirectory),
      found.exitCode == 0
    else { return nil }
    return python
  }()

  /// What a script prints.
  public static func run(_ script: String, arguments: [String], python: String?) throws -> String {
    let run = try CommandRun.run(
      try #require(python), ["-c", script] + arguments, in: FileManager.default.temporaryDirectory)
    try #require(run.exitCode == 0, "\(run.standardError)")
    return run.standardOutput
  }
}
