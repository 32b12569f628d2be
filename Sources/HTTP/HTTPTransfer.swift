import CCurl
import Foundation

/// One exchange of the HTTP client: libcurl's handle and what its callbacks need.
/// It belongs to the client's thread.
final class HTTPTransfer {
  let id: UInt64
  /// libcurl's handle, freed with the object.
  let easy: UnsafeMutableRawPointer
  private let request: HTTPRequest
  private let continuation: AsyncThrowingStream<HTTPEvent, any Error>.Continuation
  private let body: UnsafeMutableRawBufferPointer
  private let errorText: UnsafeMutablePointer<CChar>
  private var headerList: UnsafeMutablePointer<curl_slist>?
  private var status = 0
  private var headers: [(name: String, value: String)] = []
  private var headIsDone = false
  private var receivedBytes = 0
  private var isTooLong = false
  private let started = ContinuousClock.now
  private var firstByte: ContinuousClock.Instant?
  private var lastProgress = ContinuousClock.now
  private var sentBytes: curl_off_t = 0

  /// Nil (and the continuation ended) where libcurl has no handle to give.
  init?(
    id: UInt64, request: HTTPRequest,
    continuation: AsyncThrowingStream<HTTPEvent, any Error>.Continuation
  ) {
    guard let easy = curl_easy_init() else {
      continuation.finish(throwing: NetworkFailure(kind: .other, reason: "libcurl has no memory"))
      return nil
    }
    self.id = id
    self.easy = easy
    self.request = request
    self.continuation = continuation
    body = .allocate(byteCount: max(1, request.body.count), alignment: 1)
    request.body.copyBytes(to: body)
    errorText = .allocate(capacity: Int(CURL_ERROR_SIZE))
    errorText.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
    for (name, value) in request.headers {
      headerList = curl_slist_append(headerList, "\(name): \(value)")
    }
    // No "Expect: 100-continue": it costs a round trip, and small servers stall on it.
    headerList = curl_slist_append(headerList, "Expect:")
    configure()
  }

  deinit {
    curl_easy_cleanup(easy)
    curl_slist_free_all(headerList)
    body.deallocate()
    errorText.deallocate()
  }

  private func configure() {
    kess_curl_setopt_string(easy, CURLOPT_URL, request.url)
    kess_curl_setopt_string(easy, CURLOPT_PROTOCOLS_STR, "http,https")
    kess_curl_setopt_long(easy, CURLOPT_FOLLOWLOCATION, 0)
    kess_curl_setopt_long(easy, CURLOPT_SSL_VERIFYPEER, 1)
    kess_curl_setopt_long(easy, CURLOPT_SSL_VERIFYHOST, 2)
    kess_curl_setopt_long(easy, CURLOPT_NOSIGNAL, 1)
    kess_curl_setopt_long(easy, CURLOPT_TCP_NODELAY, 1)
    kess_curl_setopt_long(easy, CURLOPT_TCP_KEEPALIVE, 1)
    kess_curl_setopt_long(
      easy, CURLOPT_CONNECTTIMEOUT_MS, max(1, Int(request.timeouts.connectSeconds * 1000)))
    kess_curl_setopt_string(easy, CURLOPT_USERAGENT, "kess")
    // A proxy of the environment is for the world, not for this machine.
    if Self.isLoopback(request.url) { kess_curl_setopt_string(easy, CURLOPT_PROXY, "") }
    kess_curl_setopt_pointer(easy, CURLOPT_HTTPHEADER, headerList)
    kess_curl_setopt_pointer(easy, CURLOPT_ERRORBUFFER, errorText)
    if request.method == .post {
      kess_curl_setopt_long(easy, CURLOPT_POST, 1)
      kess_curl_setopt_pointer(easy, CURLOPT_POSTFIELDS, body.baseAddress)
      kess_curl_setopt_offset(easy, CURLOPT_POSTFIELDSIZE_LARGE, curl_off_t(request.body.count))
    }
    let context = Unmanaged.passUnretained(self).toOpaque()
    let onHeader: kess_curl_data_callback = { bytes, size, count, context in
      HTTPTransfer.from(context).receiveHeader(bytes, size * count)
    }
    let onBody: kess_curl_data_callback = { bytes, size, count, context in
      HTTPTransfer.from(context).receiveBody(bytes, size * count)
    }
    kess_curl_setopt_data_callback(easy, CURLOPT_HEADERFUNCTION, onHeader)
    kess_curl_setopt_pointer(easy, CURLOPT_HEADERDATA, context)
    kess_curl_setopt_data_callback(easy, CURLOPT_WRITEFUNCTION, onBody)
    kess_curl_setopt_pointer(easy, CURLOPT_WRITEDATA, context)
  }

  // The client's thread holds the object for as long as its handle is in use.
  private static func from(_ context: UnsafeMutableRawPointer?) -> HTTPTransfer {
    guard let context else { preconditionFailure("libcurl lost the transfer it was given") }
    return Unmanaged<HTTPTransfer>.fromOpaque(context).takeUnretainedValue()
  }

  private func receiveHeader(_ bytes: UnsafeMutablePointer<CChar>?, _ count: Int) -> Int {
    noteProgress()
    let raw = UnsafeRawBufferPointer(start: bytes, count: count)
    let line = String(decoding: raw, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
    guard !headIsDone else { return count }
    if line.hasPrefix("HTTP/") {
      status = Int(line.split(separator: " ").dropFirst().first ?? "") ?? 0
      headers = []
    } else if line.isEmpty {
      // A head below 200 is an interim one.
      guard status >= 200 else { return count }
      headIsDone = true
      continuation.yield(.head(HTTPHead(status: status, headers: headers)))
    } else if let colon = line.firstIndex(of: ":") {
      let value = line[line.index(after: colon)...].trimmingCharacters(in: .whitespaces)
      headers.append((line[..<colon].lowercased(), value))
    }
    return count
  }

  private func receiveBody(_ bytes: UnsafeMutablePointer<CChar>?, _ count: Int) -> Int {
    noteProgress()
    receivedBytes += count
    guard receivedBytes <= request.maximumBodyBytes else {
      isTooLong = true
      return 0
    }
    continuation.yield(.body(Data(UnsafeRawBufferPointer(start: bytes, count: count))))
    return count
  }

  private func noteProgress() {
    lastProgress = .now
    if firstByte == nil { firstByte = lastProgress }
  }

  /// Why the exchange must end now, or nil.
  func failure(at now: ContinuousClock.Instant) -> NetworkFailure? {
    var sent: curl_off_t = 0
    kess_curl_getinfo_offset(easy, CURLINFO_SIZE_UPLOAD_T, &sent)
    if sent != sentBytes {
      sentBytes = sent
      lastProgress = now
    }
    guard isConnected else {
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

  /// How long until `failure(at:)` must be asked again.
  func secondsToDeadline(from now: ContinuousClock.Instant) -> Double {
    // While it connects or sends, the clock's start still moves.
    guard isConnected, sentBytes >= request.body.count else { return min(0.25, limit.seconds) }
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

  private var isConnected: Bool {
    var microseconds: curl_off_t = 0
    kess_curl_getinfo_offset(easy, CURLINFO_PRETRANSFER_TIME_T, &microseconds)
    return microseconds > 0
  }

  /// What libcurl's verdict means.
  func result(of code: CURLcode) -> Result<HTTPTimings, any Error> {
    guard code != CURLE_OK || !headIsDone else {
      var connections = 0
      kess_curl_getinfo_long(easy, CURLINFO_NUM_CONNECTS, &connections)
      return .success(
        HTTPTimings(
          totalSeconds: seconds(to: .now), firstByteSeconds: seconds(to: firstByte ?? .now),
          reusedConnection: connections == 0))
    }
    let detail = String(cString: errorText)
    let reason = detail.isEmpty ? String(cString: curl_easy_strerror(code)) : detail
    return .failure(
      NetworkFailure(
        kind: kind(of: code),
        reason: isTooLong ? "an answer over \(request.maximumBodyBytes) bytes" : reason))
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

  private static func isLoopback(_ url: String) -> Bool {
    guard let host = URLComponents(string: url)?.host else { return false }
    return host == "localhost" || host.hasPrefix("127.") || host == "[::1]" || host == "::1"
  }
}
