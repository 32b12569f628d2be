import Records

/// What makes rendering the demo data impossible.
package enum DemoError: ReportableError {
  case tooFewClips(Int)
  case tooManyClips(Int)
  case folderInTheWay(path: String, finding: String)
  case noClips(path: String, pattern: String)
  case fewClips(path: String, count: Int, fewest: Int)
  case noSuchShuffle(Int)
  case noResults(path: String)

  package var description: String {
    switch self {
    case .tooFewClips(let count):
      "demo data: \(count) clips asked for; 4 are the fewest that can be split"
    case .tooManyClips(let count):
      "demo data: \(count) clips asked for; 2000 are the most"
    case .folderInTheWay(let path, let finding):
      "\(path): \(finding); name a new folder or one that holds demo data"
    case .noClips(let path, let pattern):
      "\(path): no clips named \(pattern); name the folder that holds fight/ and noFight/"
    case .fewClips(let path, let count, let fewest):
      "\(path): \(count) clips; \(fewest) are the fewest of which a fifth fills a video"
    case .noResults(let path):
      "\(path): no finished shuffle; run 'make real CLIPS=DIR' first"
    case .noSuchShuffle(let number):
      "shuffle \(number): expected 1 to \(JoinPlan.parts), the fifth that is tested on"
    }
  }

  package var failureKind: FailureKind {
    switch self {
    case .noClips, .fewClips, .noResults: .unreadableInput
    default: .usage
    }
  }
}
