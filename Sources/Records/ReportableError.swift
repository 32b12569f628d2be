/// The kind of a failure; it decides a command's exit code.
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

/// An error for users: one line with its subject, the finding and the next step. Every room's error type conforms.
public protocol ReportableError: Error, CustomStringConvertible, Sendable {
  /// Decides the exit code.
  var failureKind: FailureKind { get }
}

/// Errors of records and of the files that they are about.
public enum RecordError: ReportableError {
  case cannotWrite(path: String, reason: String)
  case cannotRead(path: String, reason: String)
  case wrongFormat(path: String, found: String, expected: String)
  /// A video's file cannot be read.
  case unreadableVideo(path: String, reason: String)
  case resourceMissing(name: String, searched: [String])

  public var description: String {
    switch self {
    case .cannotWrite(let path, let reason):
      "\(path): cannot be written: \(reason); free space there or choose another place, and "
        + "run again"
    case .cannotRead(let path, let reason):
      "\(path): cannot be read: \(reason); check the path and who may read it"
    case .wrongFormat(let path, let found, let expected):
      "\(path): found \(found), expected \(expected)"
    case .unreadableVideo(let path, let reason):
      "\(path): cannot be read: \(reason); repair the file, or name its folder with --root"
    case .resourceMissing(let name, let searched):
      "\(name): not found in \(searched.joined(separator: ", ")); "
        + "name the folder that holds Prompts and Datasets with --resources or KESS_RESOURCES"
    }
  }

  public var failureKind: FailureKind {
    switch self {
    case .cannotWrite: .other
    case .cannotRead, .wrongFormat, .unreadableVideo, .resourceMissing: .unreadableInput
    }
  }
}
