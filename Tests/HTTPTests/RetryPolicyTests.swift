import Foundation
import HTTP
import TestSupport
import Testing

@Suite("Retry policy")
struct RetryPolicyTests {
  @Test("waits double from the base up to the cap, times the jitter")
  func backoff() {
    let policy = RetryPolicy(baseSeconds: 0.5, capSeconds: 4, jitter: { 0.5 })
    let waits = (1...6).map { policy.waitSeconds(afterAttempts: $0, retryAfter: nil) }
    #expect(waits == [0.25, 0.5, 1, 2, 2, 2])
    #expect(policy.waitSeconds(afterAttempts: 1000, retryAfter: nil) == 2)
  }

  @Test("what the server asks for is never cut short")
  func retryAfter() {
    let policy = RetryPolicy(baseSeconds: 0.5, jitter: { 0.9 })
    #expect(policy.waitSeconds(afterAttempts: 1, retryAfter: 7) == 7.45)
    #expect(policy.waitSeconds(afterAttempts: 9, retryAfter: 7) == 7.5)
  }

  @Test("the table by status")
  func table() {
    let retried = (100...599).filter { RetryPolicy.isRetryable(status: $0) }
    #expect(retried == [408, 409, 425, 429] + Array(500...599))
  }
}

@Suite("Retry-After")
struct RetryAfterTests {
  private func seconds(_ fields: [(String, String)]) -> Double? {
    RetryAfter.seconds(
      in: HTTPHead(status: 429, headers: fields.map { (name: $0.0, value: $0.1) }),
      now: Date(timeIntervalSince1970: 784_111_777 - 30))
  }

  @Test("seconds, milliseconds and the three forms of a date are understood")
  func forms() {
    #expect(seconds([("retry-after", "7")]) == 7)
    #expect(seconds([("retry-after", "0.5")]) == 0.5)
    #expect(seconds([("retry-after", "9"), ("retry-after-ms", "250")]) == 0.25)
    #expect(seconds([("retry-after", "Sun, 06 Nov 1994 08:49:37 GMT")]) == 30)
    #expect(seconds([("retry-after", "Sunday, 06-Nov-94 08:49:37 GMT")]) == 30)
    #expect(seconds([("retry-after", "Sun Nov  6 08:49:37 1994")]) == 30)
  }

  @Test("a date that has passed is no wait; nonsense says nothing")
  func odd() {
    #expect(seconds([("retry-after", "Sun, 06 Nov 1994 08:00:00 GMT")]) == 0)
    for text in ["soon", "", "-3", "nan", "inf"] {
      #expect(seconds([("retry-after", text)]) == nil)
    }
    #expect(seconds([]) == nil)
  }
}
