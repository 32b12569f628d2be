import CCurl
import Foundation

/// One exchange of the HTTP client: its events, deadlines and end. It belongs to the
/// client's thread.
final class HTTPTransfer {
  let id: UInt64
  let exchange: CurlExchange
  private let request: HTTPRequest
  private let continuation: AsyncThrowingStream<HTTPEvent, any Error>.Continuation
  private var status = 0
  private var headers: [(name: String, value: String)] = []
  private var headIsDone = false
  private var receivedBytes = 0
  private var isTooLong = false
  private let started = ContinuousClock.now
  private var firstByte: ContinuousClock.Instant?
  private var lastProgress = ContinuousClock.now
  private var sentBytes = 0

  /// Nil (and the continuation ended) where libcurl has no handle to give.
  init?(
    id: UInt64, request: HTTPRequest,
    continuation: AsyncThrowingStream<HTTPEvent, any Error>.Continuation
  ) {
    guard let exchange = CurlExchange(request) else {
      continuation.finish(throwing: NetworkFailure(kind: .other, reason: "libcurl has no memory"))
      return nil
    }
    self.id = id
    self.exchange = exchange
    self.request = request
    self.continuation = continuation
    exchange.onHeader = { [unowned self] in receiveHeader($0) }
    exchange.onBody = { [unowned self] in receiveBody($0) }
  }

  private func receiveHeader(_ text: String) {
    noteProgress()
    let line = text.trimmingCharacters(in: .whitespacesAndNewlines)
    guard !headIsDone else { return }
    if line.hasPrefix("HTTP/") {
      status = Int(line.split(separator: " ").dropFirst().first ?? "") ?? 0
      headers = []
    } else if line.isEmpty {
      // A head below 200 is an interim one.
      guard status >= 200 else { return }
      headIsDone = true
      continuation.yield(.head(HTTPHead(status: status, headers: headers)))
    } else if let colon = line.firstIndex(of: ":") {
      let value = line[line.index(after: colon)...].trimmingCharacters(in: .whitespaces)
      headers.append((line[..<colon].lowercased(), value))
    }
  }

  /// False for an answer that is too long.
  private func receiveBody(_ piece: Data) -> Bool {
    noteProgress()
    receivedBytes += piece.count
    guard receivedBytes <= request.maximumBodyBytes else {
      isTooLong = true
      return false
    }
    continuation.yield(.body(piece))
    return true
  }

  private func noteProgress() {
    lastProgress = .now
    if firstByte == nil { firstByte = lastProgress }
  }

  /// Why the exchange must end now, or nil.
  func failure(at now: ContinuousClock.Instant) -> NetworkFailure? {
    let sent = exchange.sentBytes
    if sent != sentBytes {
      sentBytes = sent
      lastProgress = now
    }
    guard exchange.isConnected else {
      lastProgress = now
      return nil
    }
    let (kind, seconds) = limit
    guard now - lastProgress >= .seconds(seconds) else { return nil }
    return NetworkFailure(
      kind: kind,
      reason: kind == .firstByteTimeout
        ? "no answer within \(seconds) s" : "nothing moved for \(seconds) s")
  }

  /// How long until `failure(at:)` must be called again.
  func secondsToDeadline(from now: ContinuousClock.Instant) -> Double {
    // While it connects or sends, the clock's start still moves.
    guard exchange.isConnected, sentBytes >= request.body.count else {
      return min(0.25, limit.seconds)
    }
    let elapsed = now - lastProgress
    let left = Duration.seconds(limit.seconds) - elapsed
    return left / .seconds(1)
  }

  private var limit: (kind: NetworkFailure.Kind, seconds: Double) {
    let isWaiting = firstByte == nil && sentBytes >= request.body.count
    return isWaiting
      ? (.firstByteTimeout, request.timeouts.firstByteSeconds)
      : (.noProgress, request.timeouts.noProgressSeconds)
  }

  /// The result for libcurl's code.
  func result(of code: CURLcode) -> Result<HTTPTimings, any Error> {
    guard code != CURLE_OK || !headIsDone else {
      return .success(
        HTTPTimings(
          totalSeconds: seconds(to: .now), firstByteSeconds: seconds(to: firstByte ?? .now),
          reusedConnection: exchange.reusedConnection))
    }
    return .failure(
      NetworkFailure(
        kind: kind(of: code),
        reason: isTooLong
          ? "an answer over \(request.maximumBodyBytes) bytes" : exchange.reason(of: code)))
  }

  private func kind(of code: CURLcode) -> NetworkFailure.Kind {
    if isTooLong { return .answerTooLong }
    switch code {
    case CURLE_UNSUPPORTED_PROTOCOL, CURLE_URL_MALFORMAT: return .badAddress
    case CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_RESOLVE_PROXY: return .cannotResolve
    case CURLE_COULDNT_CONNECT: return .cannotConnect
    case CURLE_OPERATION_TIMEDOUT: return .connectTimeout
    case CURLE_OK, CURLE_GOT_NOTHING, CURLE_SEND_ERROR, CURLE_RECV_ERROR, CURLE_PARTIAL_FILE:
      return .connectionLost
    case CURLE_SSL_CONNECT_ERROR, CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CERTPROBLEM,
      CURLE_SSL_CIPHER, CURLE_SSL_CACERT_BADFILE, CURLE_SSL_ISSUER_ERROR:
      return .untrustedServer
    default: return .other
    }
  }

  /// Ends the stream.
  func finish(_ result: Result<HTTPTimings, any Error>) {
    switch result {
    case .success(let timings):
      continuation.yield(.end(timings))
      continuation.finish()
    case .failure(let error):
      continuation.finish(throwing: error)
    }
  }

  private func seconds(to instant: ContinuousClock.Instant) -> Double {
    (instant - started) / .seconds(1)
  }
}

/// An answer's events as they arrive, with the request's key removed: a proxy may echo
/// it, and answers are logged.
public struct HTTPAnswerEvents: AsyncSequence {
  let events: AsyncThrowingStream<HTTPEvent, any Error>
  let key: APIKey?

  public func makeAsyncIterator() -> Iterator {
    Iterator(base: events.makeAsyncIterator(), key: key)
  }

  /// Passes the events on.
  public struct Iterator: AsyncIteratorProtocol {
    var base: AsyncThrowingStream<HTTPEvent, any Error>.Iterator
    let key: APIKey?
    private var filter: SecretFilter?
    private var end: HTTPTimings?

    init(base: AsyncThrowingStream<HTTPEvent, any Error>.Iterator, key: APIKey?) {
      self.base = base
      self.key = key
    }

    /// - Throws: `NetworkFailure`, `CancellationError`.
    public mutating func next() async throws -> HTTPEvent? {
      if let end {
        self.end = nil
        return .end(end)
      }
      guard let event = try await base.next() else { return nil }
      switch event {
      case .head(let head): filter = key?.filter(forStatus: head.status)
      case .body(let piece):
        if let passed = filter?.feed(piece) { return .body(passed) }
      case .end(let timings):
        if let rest = filter?.finish(), !rest.isEmpty {
          end = timings
          return .body(rest)
        }
      }
      return event
    }
  }
}
