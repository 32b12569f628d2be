import CCurl
import Foundation
import Synchronization

/// An HTTP client on libcurl's multi interface: any number of exchanges at once on
/// one thread of its own, connections kept and used again.
///
/// Only `http:` and `https:` are spoken, redirects are not followed, certificates
/// are always checked. Cancelling the task closes the exchange's connection, so
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

  /// Sends a request; the answer's pieces come as they arrive. Dropping the stream
  /// closes the connection.
  public func events(of request: HTTPRequest) -> AsyncThrowingStream<HTTPEvent, any Error> {
    AsyncThrowingStream { continuation in
      guard Self.isWeb(request.url) else {
        continuation.finish(
          throwing: NetworkFailure(
            kind: .badAddress, reason: "only http: and https: addresses are spoken"))
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
// Unchecked: `multi` is used by the thread in `run` only, except for
// curl_multi_wakeup, which libcurl allows from any thread and which is called
// under the lock that also guards its end.
private final class HTTPDriver: @unchecked Sendable {
  private struct State {
    var submitted: [(UInt64, HTTPRequest, AsyncThrowingStream<HTTPEvent, any Error>.Continuation)] =
      []
    var cancelled: [UInt64] = []
    var lastID: UInt64 = 0
    var isStopping = false
    var isClosed = false
  }

  private let state = Mutex(State())
  private let multi: UnsafeMutableRawPointer
  private static let globalResult = curl_global_init(Int(CURL_GLOBAL_DEFAULT))

  init() throws {
    guard Self.globalResult == CURLE_OK, let multi = curl_multi_init() else {
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
      curl_multi_wakeup(multi)
      return state.lastID
    }
  }

  func cancel(_ id: UInt64) {
    state.withLock { state in
      guard !state.isClosed else { return }
      state.cancelled.append(id)
      curl_multi_wakeup(multi)
    }
  }

  func stop() {
    state.withLock { state in
      state.isStopping = true
      curl_multi_wakeup(multi)
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
        curl_multi_add_handle(multi, transfer.easy)
        active[id] = transfer
      }
      for id in isStopping ? Array(active.keys) : cancelled {
        end(&active, id, .failure(CancellationError()))
      }
      if isStopping { break }
      var running: Int32 = 0
      curl_multi_perform(multi, &running)
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
      curl_multi_poll(multi, nil, 0, Int32(max(1, min(waitSeconds, 60) * 1000)), nil)
    }
    state.withLock { $0.isClosed = true }
    curl_multi_cleanup(multi)
  }

  private func endFinished(_ active: inout [UInt64: HTTPTransfer]) {
    var remaining: Int32 = 0
    while let message = curl_multi_info_read(multi, &remaining) {
      guard message.pointee.msg == CURLMSG_DONE, let easy = message.pointee.easy_handle,
        let transfer = active.values.first(where: { $0.easy == easy })
      else { continue }
      let result = kess_curl_message_result(message)
      end(&active, transfer.id, transfer.result(of: result))
    }
  }

  private func end(
    _ active: inout [UInt64: HTTPTransfer], _ id: UInt64, _ result: Result<HTTPTimings, any Error>
  ) {
    guard let transfer = active.removeValue(forKey: id) else { return }
    // Removing a handle in mid-exchange closes its connection.
    curl_multi_remove_handle(multi, transfer.easy)
    transfer.finish(result)
  }
}
