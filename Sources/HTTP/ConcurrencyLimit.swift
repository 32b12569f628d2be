import Foundation

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

/// One endpoint's limit on requests at once, found from what they took: one more
/// after each window of answers that filled it, half on an error, and half when an output
/// token takes twice the time of the best window and the wait buys no more tokens a second.
///
/// A server that batches slows down evenly until it is full. Time alone would stop too
/// early where a batch shares few cores: there a token takes twice as long well before the
/// server is full. So a slow window is held against the tokens a second of half as many
/// requests (Little's law: requests at once over the seconds of a token): where doubling
/// them brings less than a fifth more, half are as good, and nobody waits. vLLM never says
/// "too many", so the clock has to.
package struct ConcurrencyLimit: Sendable {
  package private(set) var value: Int
  private let rule: ConcurrencyRule
  private var begun = 0
  /// Requests up to this one began before the last cut and say nothing about it.
  private var lastCut = 0
  private var window = Window()
  private var best: Best?
  /// Tokens a second of the last full window at each limit.
  private var tokensPerSecond: [Int: Double] = [:]

  private struct Window {
    var answers = 0
    var seconds = 0.0
    var tokens = 0
    var wasFull = false
  }

  /// The time that others are held against, and the limit at which it was taken. A window
  /// at that limit or below replaces it, shorter or not: a lucky moment, and a server that
  /// has become slower, are forgotten soon.
  private struct Best {
    var secondsPerToken: Double
    var limit: Int
  }

  /// What a window's time must reach, as a multiple of the best, to be too long.
  static let slowdown = 2.0
  /// What doubling the requests must bring in tokens a second to be worth a long wait.
  static let gainOfDoubling = 1.2
  /// A window holds at least so many answers: one alone may be odd.
  static let leastAnswers = 4

  package init(_ rule: ConcurrencyRule) {
    self.rule = rule
    value = rule.start
  }

  /// A request begins; its number goes with its end.
  package mutating func begin() -> Int {
    begun += 1
    return begun
  }

  /// A request was answered. `wasFull`: whether the limit was reached while it ran.
  package mutating func answered(_ number: Int, seconds: Double, tokens: Int?, wasFull: Bool) {
    guard case .adaptive(_, let most) = rule, number > lastCut else { return }
    window.answers += 1
    window.wasFull = window.wasFull || wasFull
    if let tokens, tokens > 0 {
      window.seconds += seconds
      window.tokens += tokens
    }
    guard window.answers >= max(value, Self.leastAnswers) else { return }
    let ended = window
    window = Window()
    if ended.tokens > 0 {
      let secondsPerToken = ended.seconds / Double(ended.tokens)
      let known = best ?? Best(secondsPerToken: secondsPerToken, limit: value)
      let isWorthTheWait = ended.wasFull && gains(Double(value) / secondsPerToken)
      let isBetter = value <= known.limit || secondsPerToken < known.secondsPerToken
      best = isBetter ? Best(secondsPerToken: secondsPerToken, limit: value) : known
      // Slower with fewer requests than the best had: they are not the cause.
      let isSlow =
        secondsPerToken >= Self.slowdown * known.secondsPerToken && value >= known.limit
      guard !isSlow || isWorthTheWait else { return cut() }
    }
    if ended.wasFull { value = min(most, value + 1) }
  }

  /// Whether so many tokens a second, which it notes of the present limit, are enough more
  /// than at half of it; where that was never measured, at the lowest that was.
  private mutating func gains(_ rate: Double) -> Bool {
    tokensPerSecond[value] = rate
    let lower = tokensPerSecond.keys.filter { $0 < value }
    guard let reference = lower.filter({ $0 <= value / 2 }).max() ?? lower.min(),
      let before = tokensPerSecond[reference]
    else { return false }
    let doublings = log2(Double(value) / Double(reference))
    return rate >= before * pow(Self.gainOfDoubling, doublings)
  }

  /// A request failed by the server's doing. Those that fail together halve once.
  package mutating func failed(_ number: Int) {
    guard case .adaptive = rule, number > lastCut else { return }
    cut()
  }

  /// The server is back after it was away: as at the start.
  mutating func restart() {
    value = rule.start
    lastCut = begun
    window = Window()
    best = nil
    tokensPerSecond = [:]
  }

  private mutating func cut() {
    value = max(1, value / 2)
    lastCut = begun
    window = Window()
  }
}
