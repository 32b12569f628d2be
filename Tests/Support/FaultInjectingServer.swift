import Foundation
import Synchronization

/// A small HTTP/1.1 server on 127.0.0.1 that does what a real one does rarely:
/// the handler decides, request by request, to answer, refuse, stall or hang up.
public final class FaultInjectingServer: Sendable {
  public typealias Handler =
    @Sendable (FaultInjectingServerRequest) -> FaultInjectingServerAnswer

  /// What the system refused.
  public struct SocketError: Error {
    public let call: String
    public let code: Int32
  }

  /// The port it listens on.
  public let port: Int
  private let listener: Int32
  private let handler: Handler
  private struct State {
    var requests: [FaultInjectingServerRequest] = []
    var connections: [Int32] = []
    var closedByClient = 0
    var isStopped = false
  }
  private let state = Mutex(State())

  /// The address of its OpenAI interface.
  public var base: String { "http://127.0.0.1:\(port)/v1" }

  /// Everything that was received so far.
  public var requests: [FaultInjectingServerRequest] { state.withLock(\.requests) }

  /// The requests for chat answers so far.
  public var chats: [FaultInjectingServerRequest] {
    requests.filter { $0.path == "/v1/chat/completions" }
  }

  /// How many connections were made so far.
  public var connectionCount: Int { state.withLock(\.connections.count) }

  /// How many connections the client closed while an answer was owed.
  public var abandonedCount: Int { state.withLock(\.closedByClient) }

  /// Starts a server.
  ///
  /// - Parameters:
  ///   - models: what `/v1/models` lists.
  ///   - handler: decides about every other request; it is called on the
  ///     connection's thread.
  public init(models: [String] = ["fake"], handler: @escaping Handler) throws {
    self.handler = { request in
      request.path == "/v1/models" && !models.isEmpty ? .models(models) : handler(request)
    }
    listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    guard listener >= 0 else { throw SocketError(call: "socket", code: errno) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let socket = listener
    let isBound = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(socket, $0, length) == 0 && listen(socket, 64) == 0
          && getsockname(socket, $0, &length) == 0
      }
    }
    guard isBound else {
      let code = errno
      close(listener)
      throw SocketError(call: "bind", code: code)
    }
    port = Int(UInt16(bigEndian: address.sin_port))
    Thread { [self] in acceptConnections() }.start()
  }

  /// Closes everything; what is owed stays owed.
  public func stop() {
    // Within the lock and once: a closed socket's number is soon another server's.
    state.withLock { state in
      guard !state.isStopped else { return }
      state.isStopped = true
      shutdown(listener, Int32(SHUT_RDWR))
      for socket in state.connections where socket >= 0 { shutdown(socket, Int32(SHUT_RDWR)) }
    }
  }

  private func acceptConnections() {
    while true {
      let socket = accept(listener, nil, nil)
      guard socket >= 0 else {
        if state.withLock(\.isStopped) { break }
        // Interrupted, or no socket is free just now: the next one may be.
        usleep(1_000)
        continue
      }
      let number: Int? = state.withLock { state in
        guard !state.isStopped else { return nil }
        state.connections.append(socket)
        return state.connections.count - 1
      }
      guard let number else {
        close(socket)
        break
      }
      Thread { [self] in
        serve(socket, number: number)
        state.withLock { $0.connections[number] = -1 }
        close(socket)
      }.start()
    }
    close(listener)
  }

  private func serve(_ socket: Int32, number: Int) {
    var buffer = Data()
    while let request = read(from: socket, &buffer, number: number) {
      switch handler(request) {
      case .answer(let status, let headers, let body):
        var head = "HTTP/1.1 \(status) Answer\r\nContent-Length: \(body.count)\r\n"
        for (name, value) in headers { head += "\(name): \(value)\r\n" }
        guard send(Data((head + "\r\n").utf8) + body, to: socket) else { return }
      case .resetMidBody(let body, let count):
        _ = send(Self.promise(body) + body.prefix(count), to: socket)
        // A pending linger of 0 turns the close into a reset.
        var linger = linger(l_onoff: 1, l_linger: 0)
        setsockopt(
          socket, SOL_SOCKET, SO_LINGER, &linger, socklen_t(MemoryLayout.size(ofValue: linger)))
        return
      case .stallMidBody(let body, let count):
        _ = send(Self.promise(body) + body.prefix(count), to: socket)
        waitForClient(socket)
        return
      case .stall:
        waitForClient(socket)
        return
      case .hangUp:
        return
      case .loop(let piece):
        let head = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n"
        guard send(Data(head.utf8), to: socket) else { return }
        while send(piece, to: socket) { usleep(200) }
        state.withLock { state in
          if !state.isStopped { state.closedByClient += 1 }
        }
        return
      case .slowly(let body, let pieceBytes, let pauseSeconds):
        guard
          send(body, to: socket, pieceBytes, then: { Thread.sleep(forTimeInterval: pauseSeconds) })
        else { return }
      case .inTurns(let body, let pieceBytes, let wait):
        guard send(body, to: socket, pieceBytes, then: wait) else { return }
      }
    }
  }

  /// A promise of the body, then the body in pieces with an act after each.
  private func send(_ body: Data, to socket: Int32, _ pieceBytes: Int, then act: () -> Void)
    -> Bool
  {
    guard send(Self.promise(body), to: socket) else { return false }
    var rest = body[...]
    while !rest.isEmpty {
      guard send(Data(rest.prefix(pieceBytes)), to: socket) else { return false }
      rest = rest.dropFirst(pieceBytes)
      act()
    }
    return true
  }

  private static func promise(_ body: Data) -> Data {
    Data("HTTP/1.1 200 OK\r\nContent-Length: \(body.count)\r\n\r\n".utf8)
  }

  /// Holds the connection until the other side, or `stop`, ends it.
  private func waitForClient(_ socket: Int32) {
    var byte: UInt8 = 0
    while recv(socket, &byte, 1, 0) > 0 {}
    state.withLock { state in
      if !state.isStopped { state.closedByClient += 1 }
    }
  }

  private func read(from socket: Int32, _ buffer: inout Data, number: Int)
    -> FaultInjectingServerRequest?
  {
    let end = Data("\r\n\r\n".utf8)
    while buffer.range(of: end) == nil {
      // Who does not begin with a letter speaks something else: TLS, for one.
      guard receive(from: socket, into: &buffer), buffer.first ?? 0 >= 65 else { return nil }
    }
    guard let headEnd = buffer.range(of: end) else { return nil }
    let lines = String(decoding: buffer[..<headEnd.lowerBound], as: UTF8.self)
      .components(separatedBy: "\r\n")
    let words = lines[0].split(separator: " ").map(String.init)
    guard words.count == 3 else { return nil }
    var headers: [String: String] = [:]
    for line in lines.dropFirst() {
      let pair = line.split(separator: ":", maxSplits: 1)
      guard pair.count == 2 else { continue }
      headers[pair[0].lowercased()] = pair[1].trimmingCharacters(in: .whitespaces)
    }
    let length = Int(headers["content-length"] ?? "0") ?? 0
    buffer = Data(buffer[headEnd.upperBound...])
    while buffer.count < length {
      guard receive(from: socket, into: &buffer) else { return nil }
    }
    let body = Data(buffer.prefix(length))
    buffer = Data(buffer.dropFirst(length))
    return state.withLock { state in
      let request = FaultInjectingServerRequest(
        method: words[0], path: words[1], headers: headers, body: body, connection: number,
        index: state.requests.count { $0.path == words[1] })
      state.requests.append(request)
      return request
    }
  }

  private func receive(from socket: Int32, into buffer: inout Data) -> Bool {
    var piece = [UInt8](repeating: 0, count: 1 << 16)
    let count = recv(socket, &piece, piece.count, 0)
    guard count > 0 else { return false }
    buffer.append(contentsOf: piece[..<count])
    return true
  }

  private func send(_ data: Data, to socket: Int32) -> Bool {
    var rest = [UInt8](data)[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes {
        Foundation.send(socket, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
      }
      guard count > 0 else { return false }
      rest = rest.dropFirst(count)
    }
    return true
  }
}
