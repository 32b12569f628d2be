import Records

/// Errors of a command line beyond its syntax. A stage that cannot run throws `PipelineError`.
package enum CommandError: ReportableError {
  case nothingToDo(command: String, expected: String)
  case conflicting(options: String, remedy: String)
  case badValue(option: String, found: String, expected: String)

  package var description: String {
    switch self {
    case .nothingToDo(let command, let expected):
      "\(command): nothing to do; give \(expected)"
    case .conflicting(let options, let remedy):
      "\(options): cannot be used together; \(remedy)"
    case .badValue(let option, let found, let expected):
      "\(option): found '\(found)', expected \(expected)"
    }
  }

  package var failureKind: FailureKind { .usage }
}
