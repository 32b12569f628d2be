import Records

/// Why a stage cannot run or an item cannot be processed.
public enum PipelineError: ReportableError {
  /// Something that the stage needs is missing or unusable.
  case notReady(subject: String, finding: String, remedy: String)
  /// Choices that exclude each other.
  case conflicting(subject: String, remedy: String)

  public var description: String {
    switch self {
    case .notReady(let subject, let finding, let remedy): "\(subject): \(finding); \(remedy)"
    case .conflicting(let subject, let remedy):
      "\(subject): cannot be used together; \(remedy)"
    }
  }

  public var failureKind: FailureKind {
    switch self {
    case .notReady: .unreadableInput
    case .conflicting: .usage
    }
  }
}
