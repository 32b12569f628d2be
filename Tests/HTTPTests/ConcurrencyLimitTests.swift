import Foundation
import HTTP
import Testing

@Suite("Concurrency limit")
struct ConcurrencyLimitTests {
  /// A window of answers that all take so long a token.
  private func window(
    _ limit: inout ConcurrencyLimit, secondsPerToken: Double, wasFull: Bool = true
  ) {
    for _ in 0..<max(limit.value, 4) {
      let number = limit.begin()
      limit.answered(number, seconds: secondsPerToken * 50, tokens: 50, wasFull: wasFull)
    }
  }

  @Test("each window that was full adds one, up to the most")
  func increase() {
    var limit = ConcurrencyLimit(.adaptive(start: 4, most: 6))
    window(&limit, secondsPerToken: 0.01)
    #expect(limit.value == 5)
    window(&limit, secondsPerToken: 0.012)
    window(&limit, secondsPerToken: 0.012)
    #expect(limit.value == 6)
  }

  @Test("a window that was never full adds nothing")
  func notFull() {
    var limit = ConcurrencyLimit(.adaptive(start: 4, most: 64))
    for _ in 0..<5 { window(&limit, secondsPerToken: 0.01, wasFull: false) }
    #expect(limit.value == 4)
  }

  @Test("twice the best time of a token halves; a little less does not")
  func slowdown() {
    var limit = ConcurrencyLimit(.adaptive(start: 8, most: 64))
    window(&limit, secondsPerToken: 0.01)
    window(&limit, secondsPerToken: 0.0199)
    #expect(limit.value == 10)
    window(&limit, secondsPerToken: 0.021)
    #expect(limit.value == 5)
  }

  /// Windows at a server where a token takes so long at so many requests at once; the
  /// lowest and highest limit of the later half.
  private func range(
    most: Int, windows: Int = 400, secondsPerToken: (Int) -> Double
  ) -> ClosedRange<Int> {
    var limit = ConcurrencyLimit(.adaptive(start: 4, most: most))
    var values: [Int] = []
    for _ in 0..<windows {
      window(&limit, secondsPerToken: secondsPerToken(limit.value))
      values.append(limit.value)
    }
    let later = values.suffix(windows / 2)
    return (later.min() ?? 0)...(later.max() ?? 0)
  }

  @Test("slower tokens that come with more of them a second are no reason to halve")
  func throughputGained() {
    // Twice the requests: a token takes 1.5 times as long, a third more come a second.
    #expect(range(most: 32) { 0.01 * pow(Double($0), 0.585) } == 32...32)
  }

  @Test("a full server is found: beyond it tokens get slower and no more of them come")
  func saturation() {
    // Full at 12: from there on each request more only waits.
    let found = range(most: 64) { 0.01 * max(1, Double($0) / 12) }
    #expect((12...13).contains(found.lowerBound) && found.upperBound <= 26)
    // Full from the start.
    #expect(range(most: 64) { 0.01 * Double($0) }.upperBound <= 9)
  }

  @Test("a server that gets worse under load is left before it does")
  func thrashing() {
    // From 20 requests on it throws work away and does it again.
    let found = range(most: 64) { $0 < 20 ? 0.01 : 0.01 * Double($0) }
    #expect(found.lowerBound == 10 && found.upperBound == 20)
  }

  @Test("a server that becomes slower for good halves the limit once, and is climbed again")
  func slowerForGood() {
    var limit = ConcurrencyLimit(.adaptive(start: 8, most: 64))
    window(&limit, secondsPerToken: 0.01)
    for _ in 0..<3 { window(&limit, secondsPerToken: 0.01, wasFull: false) }
    #expect(limit.value == 9)
    window(&limit, secondsPerToken: 0.05, wasFull: false)
    #expect(limit.value == 4)
    for _ in 0..<10 { window(&limit, secondsPerToken: 0.05) }
    #expect(limit.value == 14)
  }

  @Test("a slow window that was not full says nothing of the limit's worth, and halves")
  func slowAndNotFull() {
    var limit = ConcurrencyLimit(.adaptive(start: 8, most: 64))
    window(&limit, secondsPerToken: 0.01, wasFull: false)
    window(&limit, secondsPerToken: 0.03, wasFull: false)
    #expect(limit.value == 4)
  }

  @Test("failures that began together halve once, and never below one")
  func failures() {
    var limit = ConcurrencyLimit(.adaptive(start: 8, most: 64))
    let numbers = (0..<8).map { _ in limit.begin() }
    for number in numbers { limit.failed(number) }
    #expect(limit.value == 4)
    for _ in 0..<5 { limit.failed(limit.begin()) }
    #expect(limit.value == 1)
  }

  @Test("a fixed limit stays")
  func fixed() {
    var limit = ConcurrencyLimit(.fixed(3))
    limit.failed(limit.begin())
    for _ in 0..<3 { window(&limit, secondsPerToken: 0.1) }
    #expect(limit.value == 3)
  }
}
