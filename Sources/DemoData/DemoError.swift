import Records

/// What makes rendering the demo data impossible.
package enum DemoError: ReportableError {
  case tooFewClips(Int)
  case tooManyClips(Int)
  case folderInTheWay(path: String, finding: String)

  package var description: String {
    switch self {
    case .tooFewClips(let count):
      "demo data: \(count) clips asked for; 4 are the fewest that can be split"
    case .tooManyClips(let count):
      "demo data: \(count) clips asked for; 2000 are the most"
    case .folderInTheWay(let path, let finding):
      "\(path): \(finding); name a new folder or one that holds demo data"
    }
  }

  package var failureKind: FailureKind { .usage }
}
