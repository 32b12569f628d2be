import ArgumentParser
import Foundation
import Pipeline
import Records

/// The exit codes of every command, as the README lists them.
package enum CommandExit {
  package static let failed = ExitCode(1)
  package static let someItemsFailed = ExitCode(2)
  package static let usage = ExitCode(64)
  package static let unreadableInput = ExitCode(65)
  package static let serverUnreachable = ExitCode(69)
  package static let interrupted = ExitCode(130)

  /// What `--version` prints.
  package static let version = SoftwareVersions.kess

  /// For the end of a command's `--help`.
  package static let help = """
    EXIT CODES: 0 done; 1 other error; 2 finished, some items failed; 64 wrong usage; \
    65 unreadable input; 69 server unreachable; 130 interrupted.
    """

  package static func code(for kind: FailureKind) -> ExitCode {
    switch kind {
    case .usage: usage
    case .unreadableInput: unreadableInput
    case .serverUnreachable: serverUnreachable
    case .other: failed
    }
  }
}

/// A command that reports a failure as one line on stderr and by the exit code of its kind.
package protocol PipelineCommand: AsyncParsableCommand {
  /// Runs the command. A command over several items reports failed ones itself and throws
  /// `CommandExit.someItemsFailed` at its end.
  func execute() async throws
}

extension PipelineCommand {
  package func run() async throws {
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
