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
