import Foundation
import Records
import Synchronization
import Testing

@Suite("threads")
struct ThreadsTests {
  private struct Failure: Error, Equatable {
    var number: Int
  }

  @Test("results are in the order of the items, for any number of jobs", arguments: [1, 3, 50])
  func order(jobs: Int) {
    let items = Array(0..<40)
    let doubled = Parallel.map(items, jobs: jobs) { item in
      if item % 3 == 0 { usleep(500) }
      return 2 * item
    }
    #expect(doubled == items.map { 2 * $0 })
    #expect(Parallel.map([Int](), jobs: jobs) { $0 } == [])
  }

  @Test("no more items are worked on at once than there are jobs")
  func width() {
    let open = Mutex((now: 0, most: 0))
    _ = Parallel.map(Array(0..<20), jobs: 3) { _ in
      open.withLock { $0 = ($0.now + 1, max($0.most, $0.now + 1)) }
      usleep(1000)
      open.withLock { $0.now -= 1 }
    }
    #expect((1...3).contains(open.withLock { $0.most }))
  }

  @Test("the failure of the first item is thrown, and nothing begins after one")
  func failure() {
    let begun = Mutex(0)
    #expect(throws: Failure(number: 1)) {
      try Parallel.map(Array(0..<10_000), jobs: 4) { item in
        begun.withLock { $0 += 1 }
        // The later failure comes first.
        if item == 1 { usleep(20_000) }
        if item >= 1 { throw Failure(number: item) }
      }
    }
    #expect(begun.withLock { $0 } <= 8)
  }

  @Test("items that had not begun at a stop have no result")
  func stop() {
    let done = Mutex(0)
    let results = Parallel.map(
      Array(0..<100), jobs: 2, until: { done.withLock { $0 >= 5 } },
      { item in
        done.withLock { $0 += 1 }
        return item
      })
    let kept = results.compactMap { $0 }
    #expect((5...6).contains(kept.count) && kept == Array(0..<kept.count))
  }

  @Test("one item alone gets all cores")
  func threadsPerItem() {
    #expect(Parallel.threadsPerItem(jobs: 8, items: 1) == Parallel.cores)
    #expect(Parallel.threadsPerItem(jobs: 10_000, items: 10_000) == 1)
    #expect(Parallel.threadsPerItem(jobs: 0, items: 0) == Parallel.cores)
  }

  @Test("background work gives its value or its error, as often as asked")
  func background() throws {
    let work = BackgroundWork { 7 }
    #expect(try work.value() == 7)
    #expect(try work.value() == 7)
    let failing = BackgroundWork<Int> { throw Failure(number: 1) }
    failing.wait()
    #expect(throws: Failure(number: 1)) { try failing.value() }
  }

  @Test("async code waits for blocking work, at most the width at once")
  func blockingWork() async throws {
    let work = BlockingWork(width: 2)
    let open = Mutex((now: 0, most: 0))
    let job: @Sendable () -> Void = {
      open.withLock { $0 = ($0.now + 1, max($0.most, $0.now + 1)) }
      usleep(1000)
      open.withLock { $0.now -= 1 }
    }
    try await withThrowingTaskGroup(of: Void.self) { group in
      for _ in 0..<8 { group.addTask { try await work.run(job) } }
      try await group.waitForAll()
    }
    #expect((1...2).contains(open.withLock { $0.most }))
    await #expect(throws: Failure(number: 3)) { try await work.run { throw Failure(number: 3) } }
  }

  @Test("a cancelled task does not wait for work, except where it has to run to its end")
  func cancellation() async throws {
    let work = BlockingWork(width: 1)
    let go = DispatchSemaphore(value: 0)
    let task = Task { try await work.run { go.wait() } }
    task.cancel()
    await #expect(throws: CancellationError.self) { try await task.value }
    go.signal()
    let toEnd = Task { try await work.runToEnd { 5 } }
    toEnd.cancel()
    #expect(try await toEnd.value == 5)
  }

  @Test("a thread waits for async work, which can sleep without the cooperative pool")
  func taskWaiter() throws {
    let waiter = TaskWaiter(name: "kess-test")
    let value = try waiter.wait {
      try await waiter.sleep(seconds: 0.001)
      return 3
    }
    #expect(value == 3)
    #expect(throws: Failure(number: 2)) { try waiter.wait { throw Failure(number: 2) } }
    #expect(throws: CancellationError.self) {
      try waiter.wait {
        let sleeping = Task(executorPreference: waiter) { try await waiter.sleep(seconds: 60) }
        sleeping.cancel()
        try await sleeping.value
      }
    }
  }
}
