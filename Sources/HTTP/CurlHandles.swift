import CCurl
import Foundation

// libcurl's handles, and the only pointers of this room.

/// An easy handle with the memory that libcurl reads and writes while it is in use. It
/// belongs to the client's thread.
final class CurlExchange {
  /// Gets each line of heads.
  var onHeader: (String) -> Void = { _ in }
  /// Gets each piece of the body; false ends the exchange.
  var onBody: (Data) -> Bool = { _ in true }

  fileprivate let easy: UnsafeMutableRawPointer
  private let body: UnsafeMutableRawBufferPointer
  private let errorText: UnsafeMutablePointer<CChar>
  private var headerList: UnsafeMutablePointer<curl_slist>?

  /// Nil where libcurl cannot allocate a handle.
  init?(_ request: HTTPRequest) {
    guard let easy = curl_easy_init() else { return nil }
    self.easy = easy
    body = .allocate(byteCount: max(1, request.body.count), alignment: 1)
    request.body.copyBytes(to: body)
    errorText = .allocate(capacity: Int(CURL_ERROR_SIZE))
    errorText.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
    for (name, value) in request.headers {
      headerList = curl_slist_append(headerList, "\(name): \(value)")
    }
    // No "Expect: 100-continue": it costs a round trip, and small servers stall on it.
    headerList = curl_slist_append(headerList, "Expect:")
    configure(request)
  }

  deinit {
    curl_easy_cleanup(easy)
    curl_slist_free_all(headerList)
    body.deallocate()
    errorText.deallocate()
  }

  private func configure(_ request: HTTPRequest) {
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
    // The environment's proxy does not apply to this machine.
    if Self.isLoopback(request.url) { kess_curl_setopt_string(easy, CURLOPT_PROXY, "") }
    kess_curl_setopt_pointer(easy, CURLOPT_HTTPHEADER, headerList)
    kess_curl_setopt_pointer(easy, CURLOPT_ERRORBUFFER, errorText)
    if request.method == .post {
      kess_curl_setopt_long(easy, CURLOPT_POST, 1)
      kess_curl_setopt_pointer(easy, CURLOPT_POSTFIELDS, body.baseAddress)
      kess_curl_setopt_offset(easy, CURLOPT_POSTFIELDSIZE_LARGE, curl_off_t(request.body.count))
    }
    let context = Unmanaged.passUnretained(self).toOpaque()
    let headerCallback: kess_curl_data_callback = { bytes, size, count, context in
      let line = UnsafeRawBufferPointer(start: bytes, count: size * count)
      CurlExchange.from(context).onHeader(String(decoding: line, as: UTF8.self))
      return size * count
    }
    let bodyCallback: kess_curl_data_callback = { bytes, size, count, context in
      let piece = Data(UnsafeRawBufferPointer(start: bytes, count: size * count))
      return CurlExchange.from(context).onBody(piece) ? size * count : 0
    }
    kess_curl_setopt_data_callback(easy, CURLOPT_HEADERFUNCTION, headerCallback)
    kess_curl_setopt_pointer(easy, CURLOPT_HEADERDATA, context)
    kess_curl_setopt_data_callback(easy, CURLOPT_WRITEFUNCTION, bodyCallback)
    kess_curl_setopt_pointer(easy, CURLOPT_WRITEDATA, context)
  }

  // The client's thread holds the object while its handle is in use.
  private static func from(_ context: UnsafeMutableRawPointer?) -> CurlExchange {
    guard let context else { preconditionFailure("libcurl lost the exchange it was given") }
    return Unmanaged<CurlExchange>.fromOpaque(context).takeUnretainedValue()
  }

  private static func isLoopback(_ url: String) -> Bool {
    guard let host = URLComponents(string: url)?.host else { return false }
    return host == "localhost" || host.hasPrefix("127.") || host == "[::1]" || host == "::1"
  }

  /// Bytes of the request's body that were sent.
  var sentBytes: Int {
    var sent: curl_off_t = 0
    kess_curl_getinfo_offset(easy, CURLINFO_SIZE_UPLOAD_T, &sent)
    return Int(sent)
  }

  /// Whether the connection stands and the request has begun.
  var isConnected: Bool {
    var microseconds: curl_off_t = 0
    kess_curl_getinfo_offset(easy, CURLINFO_PRETRANSFER_TIME_T, &microseconds)
    return microseconds > 0
  }

  /// Whether no connection had to be made.
  var reusedConnection: Bool {
    var connections = 0
    kess_curl_getinfo_long(easy, CURLINFO_NUM_CONNECTS, &connections)
    return connections == 0
  }

  /// libcurl's own message for the result.
  func reason(of code: CURLcode) -> String {
    let detail = String(cString: errorText)
    return detail.isEmpty ? String(cString: curl_easy_strerror(code)) : detail
  }
}

/// A multi handle, which drives any number of exchanges.
// Unchecked: one thread uses it, except for `wakeUp`, which libcurl allows from any.
final class CurlMulti: @unchecked Sendable {
  /// An exchange that has ended, and libcurl's verdict.
  struct Finished {
    fileprivate let easy: UnsafeMutableRawPointer
    let code: CURLcode

    func isEnd(of exchange: CurlExchange) -> Bool { exchange.easy == easy }
  }

  private let multi: UnsafeMutableRawPointer
  private static let globalResult = curl_global_init(Int(CURL_GLOBAL_DEFAULT))

  /// Nil where libcurl cannot be set up.
  init?() {
    guard Self.globalResult == CURLE_OK, let multi = curl_multi_init() else { return nil }
    self.multi = multi
  }

  /// Ends `wait`; not after `close`.
  func wakeUp() { curl_multi_wakeup(multi) }

  func add(_ exchange: CurlExchange) { curl_multi_add_handle(multi, exchange.easy) }

  /// Removing one in mid-exchange closes its connection.
  func remove(_ exchange: CurlExchange) { curl_multi_remove_handle(multi, exchange.easy) }

  /// Reads and writes as far as possible without waiting.
  func perform() {
    var running: Int32 = 0
    curl_multi_perform(multi, &running)
  }

  /// The next exchange that has ended; nil when all were returned.
  func nextFinished() -> Finished? {
    var remaining: Int32 = 0
    while let message = curl_multi_info_read(multi, &remaining) {
      guard message.pointee.msg == CURLMSG_DONE, let easy = message.pointee.easy_handle
      else { continue }
      return Finished(easy: easy, code: kess_curl_message_result(message))
    }
    return nil
  }

  /// Waits until something can be read or written, or `wakeUp`.
  func wait(atMostSeconds seconds: Double) {
    curl_multi_poll(multi, nil, 0, Int32(max(1, seconds * 1000)), nil)
  }

  func close() { curl_multi_cleanup(multi) }
}
