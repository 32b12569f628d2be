import HTTP
import Synchronization
import Testing

@Suite("Retry loop")
struct RetryLoopTests {
  private typealias Verdict = RetryLoop.Verdict<Int>

  private static let fault = Verdict.retry(
    reason: "boom", retryAfter: nil, serverWasReached: true)
  private static let busy = Verdict.busy(reason: "later", retryAfter: nil)

  /// Runs over verdicts in order, the last for ever, without waiting.
  private func run(_ verdicts: [Verdict], patience: Double = 300) async throws -> (
    answer: Result<Int, ServerFailure>, tries: Int, waits: [Double]
  ) {
    let waits = Mutex<[Double]>([])
    let policy = RetryPolicy(
      maximumAttempts: 3, busyPatienceSeconds: patience, jitter: { 0.5 },
      sleep: { seconds in waits.withLock { $0.append(seconds) } })
    var tries = 0
    do {
      let answer = try await RetryLoop(policy: policy).run { () -> Verdict in
        tries += 1
        return verdicts[min(tries, verdicts.count) - 1]
      }
      return (.success(answer), tries, waits.withLock { $0 })
    } catch let failure as ServerFailure {
      return (.failure(failure), tries, waits.withLock { $0 })
    }
  }

  @Test("waiting for a busy server takes no tries from a fault that comes after it")
  func busyThenFault() async throws {
    let busy = Array(repeating: Self.busy, count: 6)
    let passed = try await run(busy + [Self.fault, Self.fault, .accepted(7)])
    #expect(passed.answer == .success(7) && passed.tries == 9)
    let failed = try await run(busy + [Self.fault])
    #expect(failed.answer == .failure(.gaveUp(attempts: 9, reason: "boom")))
    // Each kind's pauses double by themselves.
    #expect(failed.waits == [0.25, 0.5, 1, 2, 4, 8, 0.25, 0.5])
  }

  @Test("a busy server is waited for as long as the patience lasts, and for three tries at least")
  func patience() async throws {
    let short = try await run([Self.fault, Self.busy], patience: 0)
    #expect(short.answer == .failure(.gaveUp(attempts: 4, reason: "later")))
    let long = try await run([Self.busy], patience: 10)
    // 0.25, 0.5, 1, 2, 4, 8: over ten seconds.
    #expect(long.tries == 7 && long.waits.reduce(0, +) == 15.75)
  }
}
