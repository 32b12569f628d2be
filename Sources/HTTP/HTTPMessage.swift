import Foundation

/// One HTTP request.
public struct HTTPRequest: Sendable {
  /// `GET` or `POST`.
  public enum Method: String, Sendable {
    case get = "GET"
    case post = "POST"
  }

  public var method: Method
  /// An `http:` or `https:` address; any other is refused.
  public var url: String
  /// Header fields in order. None is ever written to a log or an error.
  public var headers: [(name: String, value: String)]
  /// The body of a POST.
  public var body: Data
  public var timeouts: HTTPTimeouts
  /// A longer answer is a failure.
  public var maximumBodyBytes: Int

  public init(
    method: Method = .get, url: String, headers: [(name: String, value: String)] = [],
    body: Data = Data(), timeouts: HTTPTimeouts = HTTPTimeouts(),
    maximumBodyBytes: Int = 64 << 20
  ) {
    self.method = method
    self.url = url
    self.headers = headers
    self.body = body
    self.timeouts = timeouts
    self.maximumBodyBytes = maximumBodyBytes
  }
}

/// How long each phase of an exchange may take. The whole has no limit: an answer that
/// keeps coming is never cut off.
public struct HTTPTimeouts: Sendable, Equatable {
  /// From the start to a connection, name look-up and TLS included.
  public var connectSeconds: Double
  /// From the request's last byte to the answer's first.
  public var firstByteSeconds: Double
  /// Between two bytes, in either direction.
  public var noProgressSeconds: Double

  public init(
    connectSeconds: Double = 5, firstByteSeconds: Double = 600, noProgressSeconds: Double = 60
  ) {
    self.connectSeconds = connectSeconds
    self.firstByteSeconds = firstByteSeconds
    self.noProgressSeconds = noProgressSeconds
  }
}

/// An answer's status and header fields.
public struct HTTPHead: Sendable {
  public let status: Int
  /// Header fields in order, names in lower case.
  public let headers: [(name: String, value: String)]

  public init(status: Int, headers: [(name: String, value: String)]) {
    self.status = status
    self.headers = headers
  }

  /// The last field of a name (in lower case).
  public subscript(name: String) -> String? { headers.last { $0.name == name }?.value }
}

/// The durations of an exchange.
public struct HTTPTimings: Sendable, Equatable {
  /// From the start to the end.
  public var totalSeconds: Double
  /// From the start to the answer's first byte.
  public var firstByteSeconds: Double
  /// Whether an open connection was reused.
  public var reusedConnection: Bool
}

/// The events of an answer, in this order: one head, any number of pieces, one end.
public enum HTTPEvent: Sendable {
  case head(HTTPHead)
  case body(Data)
  case end(HTTPTimings)
}

/// A whole answer.
public struct HTTPResponse: Sendable {
  public let head: HTTPHead
  public let body: Data
  public let timings: HTTPTimings

  public init(head: HTTPHead, body: Data, timings: HTTPTimings) {
    self.head = head
    self.body = body
    self.timings = timings
  }
}

/// Why there is no whole answer.
public struct NetworkFailure: Error, Sendable, Equatable, CustomStringConvertible {
  public enum Kind: String, Sendable {
    case badAddress, cannotResolve, cannotConnect, connectTimeout, firstByteTimeout,
      noProgress, connectionLost, untrustedServer, answerTooLong, other
  }

  public let kind: Kind
  /// The message of libcurl or of the client, without header fields.
  public let reason: String

  public init(kind: Kind, reason: String) {
    self.kind = kind
    self.reason = reason
  }

  /// Whether no request can have reached the server.
  public var serverWasNotReached: Bool {
    switch kind {
    case .badAddress, .cannotResolve, .cannotConnect, .connectTimeout, .untrustedServer: true
    case .firstByteTimeout, .noProgress, .connectionLost, .answerTooLong, .other: false
    }
  }

  /// Whether trying again may help.
  public var isRetryable: Bool {
    switch kind {
    case .badAddress, .untrustedServer, .answerTooLong: false
    case .cannotResolve, .cannotConnect, .connectTimeout, .firstByteTimeout, .noProgress,
      .connectionLost, .other:
      true
    }
  }

  public var description: String { reason }
}
