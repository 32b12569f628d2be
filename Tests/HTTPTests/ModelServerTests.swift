import Foundation
import HTTP
import TestSupport
import Testing

/// A proxy or a debugging server may say back what it was sent, and what a server says
/// ends in messages and in the ledger.
@Suite("Model server")
struct ModelServerTests {
  private static let secret = "sk-sec/ret\"1234567"

  private func server(
    key: String, _ answer: @escaping @Sendable (String) -> FaultInjectingServerAnswer
  ) throws -> (model: ModelServer, server: FaultInjectingServer) {
    let server = try FaultInjectingServer(models: []) { answer($0.headers["authorization"] ?? "") }
    let model = ModelServer(
      endpoint: try ServerEndpoint(server.base), client: try HTTPClient(),
      key: try APIKey(key, source: "test"))
    return (model, server)
  }

  private func streamed(_ model: ModelServer) async throws -> String {
    var text = Data()
    var ended = false
    for try await event in model.events(posting: Data("{}".utf8), to: "chat/completions") {
      #expect(!ended)
      if case .body(let piece) = event { text += piece }
      if case .end = event { ended = true }
    }
    #expect(ended)
    return String(decoding: text, as: UTF8.self)
  }

  @Test("the key that a server says back is in none of its answers")
  func echoed() async throws {
    let (model, server) = try server(key: Self.secret) { header in
      .answer(status: 400, headers: [:], body: Data("you sent '\(header)', \(header)".utf8))
    }
    defer { server.stop() }
    let expected = "you sent 'Bearer (API key)', Bearer (API key)"
    let posted = try await model.post(Data("{}".utf8), to: "embeddings")
    #expect(String(decoding: posted.body, as: UTF8.self) == expected)
    #expect(posted.errorText == expected)
    #expect(try await streamed(model) == expected)
    let beside = try await model.postBeside(Data("{}".utf8), to: "tokenize")
    #expect(beside.errorText == expected && server.requests.last?.path == "/tokenize")
    let busy = try self.server(key: Self.secret) { .error(503, "busy: \($0.dropFirst(7))") }
    defer { busy.server.stop() }
    // A quote in the key breaks this server's JSON, not our promise.
    let failure = await #expect(throws: ServerFailure.self) { try await busy.model.models() }
    #expect(failure.map { "\($0)".contains("sec") } == false)
  }

  @Test("as JSON writes it, and in whatever pieces it comes", arguments: [1, 2, 7, 4096])
  func pieces(bytes: Int) async throws {
    let (model, server) = try server(key: Self.secret) { header in
      let escaped = header.replacing("\"", with: "\\\"")
      let text =
        "{\"plain\":\"\(escaped)\",\"slashed\":\"\(escaped.replacing("/", with: "\\/"))\","
        + "\"cut\":\"sk-sec\",\"end\":\"sk-se"
      return .slowly(body: Data(text.utf8), pieceBytes: bytes, pauseSeconds: 0)
    }
    defer { server.stop() }
    let expected =
      "{\"plain\":\"Bearer (API key)\",\"slashed\":\"Bearer (API key)\",\"cut\":\"sk-sec\","
      + "\"end\":\"sk-se"
    #expect(try await streamed(model) == expected)
  }

  @Test("a word that is given for a key stays in good answers, but not behind Bearer")
  func shortKeys() async throws {
    let text = "The shelf is EMPTY."
    let good = try server(key: "EMPTY") {
      .answer(status: 200, headers: [:], body: Data("\(text) \($0)".utf8))
    }
    defer { good.server.stop() }
    #expect(try await streamed(good.model) == "\(text) (API key)")
    let bad = try server(key: "EMPTY") { _ in
      .answer(status: 401, headers: [:], body: Data("no such key: EMPTY".utf8))
    }
    defer { bad.server.stop() }
    #expect(try await streamed(bad.model) == "no such key: (API key)")
  }
}
