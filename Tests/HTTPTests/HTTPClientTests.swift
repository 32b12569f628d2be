import Foundation
import HTTP
import Synchronization
import TestSupport
import Testing

@Suite("HTTP client")
struct HTTPClientTests {
  let client: HTTPClient

  init() throws { client = try HTTPClient() }

  private func failure(_ request: HTTPRequest) async throws -> NetworkFailure {
    try await #require(throws: NetworkFailure.self) { try await client.send(request) }
  }

  @Test("an answer comes whole, whatever its status, and its head can be read")
  func wholeAnswer() async throws {
    let server = try FaultInjectingServer { request in
      .answer(status: 418, headers: ["X-Thing": " a b "], body: request.body)
    }
    defer { server.stop() }
    let body = Data((0..<3_000_000).map { UInt8(truncatingIfNeeded: $0) })
    let response = try await client.send(
      HTTPRequest(method: .post, url: server.base + "/x", headers: [("X-Mine", "1")], body: body))
    #expect(response.head.status == 418)
    #expect(response.head["x-thing"] == "a b")
    #expect(response.body == body)
    #expect(server.requests[0].headers["x-mine"] == "1")
    #expect(server.requests[0].headers["expect"] == nil)
  }

  @Test("a connection is used again, and the answer tells whether it was")
  func reuse() async throws {
    let server = try FaultInjectingServer { .json("\"\($0.path)\"") }
    defer { server.stop() }
    var connections: [Int] = []
    var reused = 0
    // curl gives up a connection that was idle for two minutes, which may happen between any
    // two requests here: the server knows, and the wanted reuses may need more requests.
    while reused < 4, connections.count < 50 {
      let response = try await client.send(HTTPRequest(url: server.base + "/a"))
      let connection = try #require(server.requests.last).connection
      let isReused = connection == connections.last
      #expect(response.timings.reusedConnection == isReused)
      reused += isReused ? 1 : 0
      connections.append(connection)
    }
    #expect(reused == 4)
    #expect(server.connectionCount == connections.count - reused)
  }

  @Test("many exchanges at once each get their own answer")
  func manyAtOnce() async throws {
    let server = try FaultInjectingServer { .json("\"\($0.path)\"") }
    defer { server.stop() }
    try await withThrowingTaskGroup(of: Void.self) { group in
      for number in 0..<32 {
        group.addTask { [client] in
          let response = try await client.send(HTTPRequest(url: server.base + "/\(number)"))
          #expect(String(decoding: response.body, as: UTF8.self) == "\"/v1/\(number)\"")
        }
      }
      try await group.waitForAll()
    }
  }

  @Test("the body's pieces can be had as they arrive")
  func streaming() async throws {
    // The server sends a piece when the one before has been had.
    let had = DispatchSemaphore(value: 0)
    let server = try FaultInjectingServer { _ in
      .inTurns(body: Data("one.two.three".utf8), pieceBytes: 4) { had.wait() }
    }
    defer { server.stop() }
    var pieces: [String] = []
    for try await event in client.events(of: HTTPRequest(url: server.base + "/s")) {
      if case .body(let piece) = event {
        pieces.append(String(decoding: piece, as: UTF8.self))
        had.signal()
      }
    }
    #expect(pieces == ["one.", "two.", "thre", "e"])
  }

  @Test(
    "only http: and https: are spoken",
    arguments: ["file:///etc/hostname", "ftp://127.0.0.1/", "gopher://127.0.0.1/", "", "dict://x"])
  func schemes(url: String) async throws {
    #expect(try await failure(HTTPRequest(url: url)).kind == .badAddress)
  }

  @Test("a closed port cannot be connected to")
  func closedPort() async throws {
    let server = try FaultInjectingServer { _ in .hangUp }
    let address = server.base
    server.stop()
    #expect(try await failure(HTTPRequest(url: address)).kind == .cannotConnect)
  }

  @Test("a server that says nothing, stops in the middle, hangs up or resets is told apart")
  func faults() async throws {
    let body = Data(repeating: 65, count: 1000)
    let short = HTTPTimeouts(firstByteSeconds: 0.3, noProgressSeconds: 0.3)
    let patient = HTTPTimeouts(firstByteSeconds: 30, noProgressSeconds: 0.3)
    let ample = HTTPTimeouts(firstByteSeconds: 30, noProgressSeconds: 30)
    for (answer, timeouts, kind) in [
      (FaultInjectingServerAnswer.stall, short, NetworkFailure.Kind.firstByteTimeout),
      (.stallMidBody(body: body, after: 10), patient, .noProgress),
      (.hangUp, ample, .connectionLost),
      (.resetMidBody(body: body, after: 10), ample, .connectionLost),
    ] {
      let server = try FaultInjectingServer { _ in answer }
      defer { server.stop() }
      let request = HTTPRequest(
        method: .post, url: server.base + "/x", body: Data("{}".utf8), timeouts: timeouts)
      #expect(try await failure(request).kind == kind)
    }
  }

  @Test("an answer that keeps moving may take longer than any timeout")
  func slowButMoving() async throws {
    let server = try FaultInjectingServer { _ in
      .slowly(body: Data(repeating: 65, count: 26), pieceBytes: 1, pauseSeconds: 0.13)
    }
    defer { server.stop() }
    let response = try await client.send(
      HTTPRequest(
        url: server.base + "/x",
        timeouts: HTTPTimeouts(firstByteSeconds: 3, noProgressSeconds: 3)))
    #expect(response.body.count == 26)
    // The server's pauses alone are longer.
    #expect(response.timings.totalSeconds > 3)
  }

  @Test("an answer over the limit is broken off")
  func tooLong() async throws {
    let server = try FaultInjectingServer { _ in
      .answer(status: 200, headers: [:], body: Data(repeating: 65, count: 100_000))
    }
    defer { server.stop() }
    let request = HTTPRequest(url: server.base + "/x", maximumBodyBytes: 1000)
    #expect(try await failure(request).kind == .answerTooLong)
  }

  @Test("cancelling closes the connection")
  func cancel() async throws {
    let server = try FaultInjectingServer { _ in .stall }
    defer { server.stop() }
    let task = Task { try await client.send(HTTPRequest(url: server.base + "/x")) }
    while server.requests.isEmpty { try await Task.sleep(for: .milliseconds(5)) }
    task.cancel()
    await #expect(throws: CancellationError.self) { try await task.value }
    while server.abandonedCount == 0 { try await Task.sleep(for: .milliseconds(5)) }
    #expect(server.abandonedCount == 1)
  }

  @Test("a server that does not speak TLS is not spoken to in the clear")
  func tls() async throws {
    let server = try FaultInjectingServer { _ in .json("{}") }
    defer { server.stop() }
    let url = server.base.replacingOccurrences(of: "http:", with: "https:")
    #expect(try await failure(HTTPRequest(url: url)).kind == .untrustedServer)
    #expect(server.requests.isEmpty)
  }

  @Test(
    "a server whose certificate nobody vouches for is not spoken to", .blocking,
    .enabled(if: FileManager.default.isExecutableFile(atPath: openssl)))
  func selfSigned() async throws {
    let folder = try TemporaryFolder()
    let make = Process()
    make.executableURL = URL(fileURLWithPath: openssl)
    make.currentDirectoryURL = folder.url
    make.arguments = [
      "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
      "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1", "-days", "2",
      "-keyout", "key.pem", "-out", "cert.pem",
    ]
    make.standardError = FileHandle.nullDevice
    try make.run()
    make.waitUntilExit()
    // A port that was free a moment ago.
    let free = try FaultInjectingServer { _ in .hangUp }
    free.stop()
    let server = Process()
    server.executableURL = make.executableURL
    server.currentDirectoryURL = folder.url
    server.arguments = [
      "s_server", "-accept", "127.0.0.1:\(free.port)", "-key", "key.pem", "-cert", "cert.pem",
      "-www",
    ]
    server.standardInput = FileHandle.nullDevice
    server.standardOutput = FileHandle.nullDevice
    server.standardError = FileHandle.nullDevice
    try server.run()
    defer { kill(server.processIdentifier, SIGKILL) }
    let request = HTTPRequest(url: "https://127.0.0.1:\(free.port)/v1/models")
    var found = try await failure(request)
    while found.kind == .cannotConnect && server.isRunning {
      try await Task.sleep(for: .milliseconds(20))
      found = try await failure(request)
    }
    #expect(found.kind == .untrustedServer)
    #expect(found.reason.contains("self-signed") || found.reason.contains("self signed"))
  }
}

private let openssl = "/usr/bin/openssl"
