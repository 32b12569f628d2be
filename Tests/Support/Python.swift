import Foundation
import Testing

/// The Python that `make test` made, for readers that are not ours.
public enum Python {
  /// Its path where it has tensorboard; nil elsewhere.
  public static let tensorboard = having("tensorboard")
  /// Its path where it has onnx and onnxruntime; nil elsewhere.
  public static let onnxruntime = having("onnx", "onnxruntime")
  /// Its path where it has torch; nil elsewhere.
  public static let torch = having("torch", "numpy")

  /// Looks for modules without importing them. Conditions of tests are decided on Swift's pool,
  /// where `CommandRun` refuses to wait, so this waits by itself: for a tenth of a second.
  private static func having(_ modules: String...) -> String? {
    guard let python = ProcessInfo.processInfo.environment["KESS_TEST_PYTHON"] else { return nil }
    let process = Process()
    process.executableURL = URL(fileURLWithPath: python)
    let script =
      "import importlib.util as u, sys; sys.exit(any(u.find_spec(m) is None for m in sys.argv[1:]))"
    process.arguments = ["-c", script] + modules
    guard (try? process.run()) != nil else { return nil }
    process.waitUntilExit()
    return process.terminationStatus == 0 ? python : nil
  }

  /// What a script prints.
  public static func run(_ script: String, arguments: [String], python: String?) throws -> String {
    let run = try CommandRun.run(
      try #require(python), ["-c", script] + arguments, in: FileManager.default.temporaryDirectory)
    try #require(run.exitCode == 0, "\(run.standardError)")
    return run.standardOutput
  }
}
