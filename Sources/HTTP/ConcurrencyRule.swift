/// How many requests one endpoint gets at once.
public enum ConcurrencyRule: Sendable, Equatable {
  /// Always so many.
  case fixed(Int)
  /// Between 1 and `most`, found while it runs.
  case adaptive(start: Int, most: Int)

  /// Starts low, because a burst of image requests has ended servers
  /// (vllm-project/vllm issue 32193).
  public static let automatic = ConcurrencyRule.adaptive(start: 4, most: 32)

  /// The most that one endpoint can get.
  public var most: Int {
    switch self {
    case .fixed(let count): max(1, count)
    case .adaptive(_, let most): max(1, most)
    }
  }

  var start: Int {
    switch self {
    case .fixed(let count): max(1, count)
    case .adaptive(let start, let most): max(1, min(start, most))
    }
  }
}
