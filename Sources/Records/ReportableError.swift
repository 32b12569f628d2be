/// What kind of failure an error is: it decides a command's exit code.
public enum FailureKind: Sendable {
  /// The command line or a request is wrong (exit 64).
  case usage
  /// An input file or record cannot be read or is of another format (exit 65).
  case unreadableInput
  /// A server does not answer (exit 69).
  case serverUnreachable
  /// Anything else (exit 1).
  case other
}

/// An error that a user reads: one line with its subject, what was found and
/// what to do. Every room's error type conforms.
public protocol ReportableError: Error, CustomStringConvertible, Sendable {
  /// Which exit code the failure deserves.
  var failureKind: FailureKind { get }
}
