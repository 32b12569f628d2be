import Foundation
import Synchronization

/// An HTTP client on libcurl's multi interface: any number of concurrent exchanges on
/// one thread of its own; connections are reused.
///
/// It accepts only `http:` and `https:`, follows no redirects and always checks
/// certificates. Cancelling the task closes the exchange's connection, so
/// that a server can stop working.
public final class HTTPClient: Sendable {
  private let driver: HTTPDriver

  /// - Throws: `NetworkFailure` where libcurl cannot be set up.
  public init() throws {
    driver = try HTTPDriver()
    let driver = driver
    let thread = Thread { driver.run() }
    thread.name = "kess-http"
    thread.start()
  }

  deinit { driver.stop() }

  /// Sends a request and waits for the whole answer, whatever its status.
  ///
  /// - Throws: `NetworkFailure`, `CancellationError`.
  public func send(_ request: HTTPRequest) async throws -> HTTPResponse {
    var head: HTTPHead?
    var body = Data()
    for try await event in events(of: request) {
      switch event {
      case .head(let received): head = received
      case .body(let piece): body.append(piece)
      case .end(let timings):
        guard let head else {
          throw NetworkFailure(kind: .connectionLost, reason: "an answer without a head")
        }
        return HTTPResponse(head: head, body: body, timings: timings)
      }
    }
    // The stream ends early only when the task is cancelled.
    throw CancellationError()
  }

  /// Sends a request and passes on the pieces of the answer as they arrive. Dropping the
  /// stream closes the connection.
  public func events(of request: HTTPRequest) -> AsyncThrowingStream<HTTPEvent, any Error> {
    AsyncThrowingStream { continuation in
      guard Self.isWeb(request.url) else {
        continuation.finish(
          throwing: NetworkFailure(
            kind: .badAddress, reason: "only http: and https: addresses are supported"))
        return
      }
      let id = driver.submit(request, continuation)
      let driver = driver
      continuation.onTermination = { reason in
        if case .cancelled = reason { driver.cancel(id) }
      }
    }
  }

  private static func isWeb(_ url: String) -> Bool {
    let lower = url.lowercased()
    return lower.hasPrefix("http://") || lower.hasPrefix("https://")
  }
}

/// The thread's side of the client.
// `multi` is used by the thread in `run` only, except for `wakeUp`, which is called under the
// lock that also guards its end.
private final class HTTPDriver: Sendable {
  private struct State {
    var submitted: [(UInt64, HTTPRequest, AsyncThrowingStream<HTTPEvent, any Error>.Continuation)] =
      []
    var cancelled: [UInt64] = []
    var lastID: UInt64 = 0
    var isStopping = false
    var isClosed = false
  }

  private let state = Mutex(State())
  private let multi: CurlMulti

  init() throws {
    guard let multi = CurlMulti() else {
      throw NetworkFailure(kind: .other, reason: "libcurl cannot be set up")
    }
    self.multi = multi
  }

  func submit(
    _ request: HTTPRequest, _ continuation: AsyncThrowingStream<HTTPEvent, any Error>.Continuation
  ) -> UInt64 {
    state.withLock { state in
      state.lastID += 1
      state.submitted.append((state.lastID, request, continuation))
      multi.wakeUp()
      return state.lastID
    }
  }

  func cancel(_ id: UInt64) {
    state.withLock { state in
      guard !state.isClosed else { return }
      state.cancelled.append(id)
      multi.wakeUp()
    }
  }

  func stop() {
    state.withLock { state in
      state.isStopping = true
      multi.wakeUp()
    }
  }

  func run() {
    var active: [UInt64: HTTPTransfer] = [:]
    while true {
      let (submitted, cancelled, isStopping) = state.withLock { state in
        defer {
          state.submitted = []
          state.cancelled = []
        }
        return (state.submitted, state.cancelled, state.isStopping)
      }
      for (id, request, continuation) in submitted {
        guard let transfer = HTTPTransfer(id: id, request: request, continuation: continuation)
        else { continue }
        multi.add(transfer.exchange)
        active[id] = transfer
      }
      for id in isStopping ? Array(active.keys) : cancelled {
        end(&active, id, .failure(CancellationError()))
      }
      if isStopping { break }
      multi.perform()
      endFinished(&active)
      let now = ContinuousClock.now
      var waitSeconds = 60.0
      for (id, transfer) in active {
        if let failure = transfer.failure(at: now) {
          end(&active, id, .failure(failure))
        } else {
          waitSeconds = min(waitSeconds, transfer.secondsToDeadline(from: now))
        }
      }
      multi.wait(atMostSeconds: min(waitSeconds, 60))
    }
    state.withLock { $0.isClosed = true }
    multi.close()
  }

  private func endFinished(_ active: inout [UInt64: HTTPTransfer]) {
    while let finished = multi.nextFinished() {
      guard let transfer = active.values.first(where: { finished.isEnd(of: $0.exchange) })
      else { continue }
      end(&active, transfer.id, transfer.result(of: finished.code))
    }
  }

  private func end(
    _ active: inout [UInt64: HTTPTransfer], _ id: UInt64, _ result: Result<HTTPTimings, any Error>
  ) {
    guard let transfer = active.removeValue(forKey: id) else { return }
    multi.remove(transfer.exchange)
    transfer.finish(result)
  }
}
