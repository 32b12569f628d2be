import Foundation
import Testing

/// One run of a built binary: what it printed and how it ended.
public struct CommandRun: Sendable {
  public let standardOutput: String
  public let standardError: String
  public let exitCode: Int32

  /// A test without the trait `.blocking` waits for a process, on a thread of Swift's pool.
  public struct NotBlocking: Error, CustomStringConvertible {
    public var description: String { "a test that waits for a process needs the trait .blocking" }
  }

  /// The folder of the binaries: where the test runner itself was built.
  public static var binaries: URL {
    let runner =
      (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
    return URL(fileURLWithPath: runner).deletingLastPathComponent()
  }

  /// Runs a binary to its end.
  ///
  /// - Parameters:
  ///   - name: `kess`, `describe`, ...; a path when it holds a slash.
  ///   - folder: the working directory.
  ///   - environment: added to the test's own.
  ///   - whileRunning: called on another thread with the process once it runs.
  public static func run(
    _ name: String, _ arguments: [String], in folder: URL,
    environment: [String: String] = [:], whileRunning: (@Sendable (Process) -> Void)? = nil
  ) throws -> CommandRun {
    guard Test.current == nil || BlockingThreads.isCurrent else { throw NotBlocking() }
    let process = Process()
    process.executableURL =
      name.contains("/") ? URL(fileURLWithPath: name) : binaries.appendingPathComponent(name)
    process.arguments = arguments
    process.currentDirectoryURL = folder
    process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    // Files, not pipes: a pipe that nobody drains would stop the process.
    let output = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
    let errors = output.appendingPathExtension("err")
    for file in [output, errors] {
      try Data().write(to: file)
    }
    defer {
      try? FileManager.default.removeItem(at: output)
      try? FileManager.default.removeItem(at: errors)
    }
    process.standardOutput = try FileHandle(forWritingTo: output)
    process.standardError = try FileHandle(forWritingTo: errors)
    process.standardInput = FileHandle.nullDevice
    try start(process)
    if let whileRunning {
      Thread { whileRunning(process) }.start()
    }
    process.waitUntilExit()
    return CommandRun(
      standardOutput: try String(contentsOf: output, encoding: .utf8),
      standardError: try String(contentsOf: errors, encoding: .utf8),
      exitCode: process.terminationStatus)
  }

  /// Starts a process. A binary that was copied a moment ago may be "text file
  /// busy": a child that another test started meanwhile holds the copy's writing end
  /// until it runs its own program.
  private static func start(_ process: Process) throws {
    for _ in 0..<50 {
      do {
        return try process.run()
      } catch let error as NSError
        where (error.userInfo[NSUnderlyingErrorKey] as? NSError)?.code == Int(ETXTBSY)
      {
        usleep(20_000)
      }
    }
    try process.run()
  }

  /// The last line of stderr, where a command says what went wrong.
  public var lastError: String {
    standardError.split(separator: "\n").last.map(String.init) ?? ""
  }
}
