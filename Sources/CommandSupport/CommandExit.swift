import ArgumentParser
import Foundation
import Pipeline
import Records

/// The exit codes of every command, as the README lists them.
public enum CommandExit {
  public static let failed = ExitCode(1)
  public static let someItemsFailed = ExitCode(2)
  public static let usage = ExitCode(64)
  public static let unreadableInput = ExitCode(65)
  public static let serverUnreachable = ExitCode(69)
  public static let interrupted = ExitCode(130)

  /// What `--version` prints.
  public static let version = SoftwareVersions.kess

  /// For the end of a command's `--help`.
  public static let help = """
    EXIT CODES: 0 done; 1 other error; 2 finished, some items failed; 64 wrong usage; \
    65 unreadable input; 69 server unreachable; 130 interrupted.
    """

  public static func code(for kind: FailureKind) -> ExitCode {
    switch kind {
    case .usage: usage
    case .unreadableInput: unreadableInput
    case .serverUnreachable: serverUnreachable
    case .other: failed
    }
  }
}

/// A command that reports a failure as one line on stderr and by the exit code of its kind.
public protocol PipelineCommand: AsyncParsableCommand {
  /// Runs the command. A command over several items reports failed ones itself and throws
  /// `CommandExit.someItemsFailed` at its end.
  func execute() async throws
}

extension PipelineCommand {
  public func run() async throws {
    // Exceeding the file-size limit must surface as a write error, not kill the process.
    signal(SIGXFSZ, SIG_IGN)
    do {
      try await execute()
    } catch let error as any ReportableError {
      Console.error(error.description)
      throw CommandExit.code(for: error.failureKind)
    } catch is CancellationError {
      throw CommandExit.interrupted
    }
  }
}
