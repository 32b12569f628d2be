import Foundation
import HTTP
import Synchronization
import TestSupport
import Testing

@Suite("Endpoint pool")
struct EndpointPoolTests {
  private func pool(
    _ servers: [FaultInjectingServer], _ rule: ConcurrencyRule = .fixed(2),
    patience: Double = 20, events: EventLog = EventLog()
  ) throws -> EndpointPool {
    let client = try HTTPClient()
    return EndpointPool(
      try servers.map {
        EndpointPool.Place(
          server: ModelServer(
            endpoint: try ServerEndpoint($0.base), client: client, key: nil), model: "fake")
      },
      options: EndpointPoolOptions(
        concurrency: rule, patienceSeconds: patience, sleep: { _ in await Task.yield() },
        onEvent: { events.note($0) }))
  }

  @Test("each request goes to the endpoint with the fewest under way, and waits where all are full")
  func leastOutstanding() async throws {
    let servers = try (0..<3).map { _ in try FaultInjectingServer { _ in .hangUp } }
    defer { for server in servers { server.stop() } }
    let pool = try pool(servers)
    var leases: [EndpointLease] = []
    for _ in 0..<6 { leases.append(try await pool.acquire()) }
    #expect(leases.map(\.index) == [0, 1, 2, 0, 1, 2])
    let waiting = Task { try await pool.acquire() }
    await pool.release(leases[4], .answered(seconds: 1, outputTokens: 1))
    // The one that has room takes it: no request belongs to an endpoint beforehand.
    #expect(try await waiting.value.index == 1)
    let avoiding = Task { try await pool.acquire(avoiding: 0) }
    await pool.release(leases[0], .answered(seconds: 1, outputTokens: 1))
    #expect(try await avoiding.value.index == 0)
    #expect(await pool.states.map(\.outstanding) == [2, 2, 2])
  }

  @Test("who must be alone gets an emptied endpoint, and nobody joins it")
  func alone() async throws {
    let server = try FaultInjectingServer { _ in .hangUp }
    defer { server.stop() }
    let pool = try pool([server], .fixed(4))
    let first = try await pool.acquire()
    let order = EventOrder()
    let alone = Task {
      let lease = try await pool.acquire(alone: true)
      order.note("alone")
      return lease
    }
    while await pool.waitingCount < 1 { await Task.yield() }
    let other = Task {
      let lease = try await pool.acquire()
      order.note("other")
      return lease
    }
    while await pool.waitingCount < 2 { await Task.yield() }
    await pool.release(first, .cancelled)
    let lease = try await alone.value
    #expect(await pool.waitingCount == 1)
    await pool.release(lease, .cancelled)
    _ = try await other.value
    #expect(order.names == ["alone", "other"])
  }

  @Test("a waiter that is cancelled goes, and a draining pool lets nobody in")
  func cancelled() async throws {
    let server = try FaultInjectingServer { _ in .hangUp }
    defer { server.stop() }
    let pool = try pool([server], .fixed(1))
    let held = try await pool.acquire()
    let task = Task { try await pool.acquire() }
    while await pool.waitingCount < 1 { await Task.yield() }
    task.cancel()
    await #expect(throws: CancellationError.self) { try await task.value }
    let second = Task { try await pool.acquire() }
    while await pool.waitingCount < 1 { await Task.yield() }
    await pool.drain(true)
    await #expect(throws: CancellationError.self) { try await second.value }
    await #expect(throws: CancellationError.self) { try await pool.acquire() }
    await pool.drain(false)
    await pool.release(held, .cancelled)
    _ = try await pool.acquire()
  }

  @Test("three failures in a row are a pause, after which one request tries first")
  func cooldown() async throws {
    let server = try FaultInjectingServer { _ in .hangUp }
    defer { server.stop() }
    let events = EventLog()
    let pool = try pool([server], .fixed(3), events: events)
    for _ in 0..<3 { await pool.release(try await pool.acquire(), .failed) }
    #expect(events.list == [.cooling(endpoint: server.base, seconds: 1)])
    let trial = try await pool.acquire()
    let waiting = Task { try await pool.acquire() }
    while await pool.waitingCount < 1 { await Task.yield() }
    await pool.release(trial, .failed)
    // Still failing: twice the pause.
    #expect(events.list.last == .cooling(endpoint: server.base, seconds: 2))
    let next = try await waiting.value
    await pool.release(next, .answered(seconds: 1, outputTokens: nil))
    for _ in 0..<3 { _ = try await pool.acquire() }
    #expect(await pool.states[0].outstanding == 3)
  }

  @Test("a lost endpoint pauses everybody until it answers again")
  func lostAndBack() async throws {
    let absences = Mutex(3)
    let server = try FaultInjectingServer(models: []) { _ in
      let isAbsent = absences.withLock { left in
        left -= 1
        return left >= 0
      }
      return isAbsent ? .error(503, "loading") : .models(["fake"])
    }
    defer { server.stop() }
    let events = EventLog()
    let pool = try pool([server], events: events)
    let lease = try await pool.acquire()
    #expect(await pool.isLost(lease))
    await pool.release(lease, .failed)
    _ = try await pool.acquire()
    // Looked at once when it was lost, then after 1, 2 and 4 s.
    #expect(
      events.list == [
        .lost(endpoint: server.base, reason: "HTTP 503: loading"),
        .back(endpoint: server.base, afterSeconds: 7),
      ])
    // The same exchange is told so still: it broke before the server came back.
    #expect(await pool.isLost(lease))
  }

  @Test("an endpoint that answers is not lost, and one that serves another model is")
  func looks() async throws {
    let models = Mutex(["fake"])
    let server = try FaultInjectingServer(models: []) { _ in
      .models(models.withLock { $0 })
    }
    defer { server.stop() }
    let pool = try pool([server], patience: 1)
    let lease = try await pool.acquire()
    #expect(await !pool.isLost(lease))
    models.withLock { $0 = ["other"] }
    #expect(await pool.isLost(lease))
  }

  @Test("when all are lost for longer than the patience, everybody is told")
  func givenUp() async throws {
    let servers = try (0..<2).map { _ in try FaultInjectingServer { _ in .hangUp } }
    let pool = try pool(servers)
    let leases = [try await pool.acquire(), try await pool.acquire()]
    servers[0].stop()
    #expect(await pool.isLost(leases[0]))
    await pool.release(leases[0], .failed)
    // The other one goes on meanwhile.
    #expect(try await pool.acquire().index == 1)
    #expect(await pool.states.map(\.standing) == [.lost, .ready])
    servers[1].stop()
    #expect(await pool.isLost(leases[1]))
    let error = try await #require(throws: ServerFailure.self) { try await pool.acquire() }
    guard case .unreachable = error else {
      Issue.record("found \(error)")
      return
    }
  }
}

private final class EventLog: Sendable {
  private let events = Mutex<[EndpointEvent]>([])
  var list: [EndpointEvent] { events.withLock { $0 } }
  func note(_ event: EndpointEvent) { events.withLock { $0.append(event) } }
}

private final class EventOrder: Sendable {
  private let noted = Mutex<[String]>([])
  var names: [String] { noted.withLock { $0 } }
  func note(_ name: String) { noted.withLock { $0.append(name) } }
}
