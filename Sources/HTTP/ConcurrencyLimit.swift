import Foundation

/// How many requests may run at one endpoint at once.
public enum ConcurrencyRule: Sendable, Equatable {
  /// Always this many.
  case fixed(Int)
  /// Between 1 and `most`, adapted while the run goes on.
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

/// One endpoint's limit on concurrent requests, adapted to their durations.
///
/// The limit rises by one after each window of answers that filled it. It is halved after
/// an error, and when an output token takes twice as long as in the best window, unless
/// doubling the requests raised the throughput by 20 % or more.
///
/// Why throughput counts too: a server that batches slows down evenly until it is full.
/// Where a batch shares few cores, a token takes twice as long well before that, so time
/// alone would stop too early. A slow window is therefore compared with the tokens per
/// second of half as many requests (Little's law: concurrent requests divided by the
/// seconds per token). vLLM never reports "too many requests", so the clock has to decide.
package struct ConcurrencyLimit: Sendable {
  package private(set) var value: Int
  private let rule: ConcurrencyRule
  private var begun = 0
  /// Requests up to this number began before the last cut; they are ignored.
  private var lastCut = 0
  private var window = Window()
  private var best: Best?
  /// Tokens per second of the last full window at each limit.
  private var tokensPerSecond: [Int: Double] = [:]

  private struct Window {
    var answers = 0
    var seconds = 0.0
    var tokens = 0
    var wasFull = false
  }

  /// The time that others are compared with, and the limit at which it was measured. A
  /// window at that limit or below always replaces it, so that a lucky moment, or a
  /// server that has become slower, is forgotten soon.
  private struct Best {
    var secondsPerToken: Double
    var limit: Int
  }

  /// A window is slow from this multiple of the best time on.
  static let slowdown = 2.0
  /// The gain in tokens per second that makes doubling the requests worth a longer wait.
  static let gainOfDoubling = 1.2
  /// A window has at least this many answers, because a single one may be unusual.
  static let leastAnswers = 4

  package init(_ rule: ConcurrencyRule) {
    self.rule = rule
    value = rule.start
  }

  /// A request begins. Its number must be passed when it ends.
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
      // With fewer requests than the best window had, the requests are not the cause.
      let isSlow =
        secondsPerToken >= Self.slowdown * known.secondsPerToken && value >= known.limit
      guard !isSlow || isWorthTheWait else { return cut() }
    }
    if ended.wasFull { value = min(most, value + 1) }
  }

  /// Whether this rate, which is stored for the present limit, is enough of a gain over
  /// the rate at half the limit, or at the lowest measured limit where that is missing.
  private mutating func gains(_ rate: Double) -> Bool {
    tokensPerSecond[value] = rate
    let lower = tokensPerSecond.keys.filter { $0 < value }
    guard let reference = lower.filter({ $0 <= value / 2 }).max() ?? lower.min(),
      let before = tokensPerSecond[reference]
    else { return false }
    let doublings = log2(Double(value) / Double(reference))
    return rate >= before * pow(Self.gainOfDoubling, doublings)
  }

  /// A request failed because of the server. Requests that fail together halve once.
  package mutating func failed(_ number: Int) {
    guard case .adaptive = rule, number > lastCut else { return }
    cut()
  }

  /// The server is back after it was lost: everything is as at the start.
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
