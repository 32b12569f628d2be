import Encoders
import Foundation
import HTTP
import Tensors
import TestSupport
import Testing

@Suite("Server text encoder", .blocking)
struct ServerTextEncoderTests {
  private static let options = ServerEncoder.Options(
    textsPerRequest: 3, requestsInFlight: 2, retry: RetryPolicy(sleep: { _ in }),
    timeouts: HTTPTimeouts(firstByteSeconds: 30, noProgressSeconds: 30))

  private func connect(_ server: FaultInjectingServer, counter: TokenCounter? = nil) throws
    -> ServerTextEncoder
  {
    try ServerTextEncoder(endpoint: server.base, counter: counter, options: Self.options)
  }

  /// Letters' counts, of as much as a request's texts hold.
  private static func row(_ text: String) -> [Float] {
    var counts = [Float](repeating: 0, count: 16)
    for byte in text.utf8 { counts[Int(byte) % 16] += 1 }
    return counts
  }

  private static func answer(_ request: FaultInjectingServerRequest) -> FaultInjectingServerAnswer {
    guard request.path == "/v1/embeddings", let texts = request.json?["input"] as? [String] else {
      return .error(404, "no such path")
    }
    return .embeddings(texts.map(row))
  }

  @Test("rows come in order over many requests, from a server without pictures")
  func rowsComeInOrder() throws {
    let server = try FaultInjectingServer(handler: Self.answer)
    defer { server.stop() }
    let encoder = try connect(server)
    let texts = (0..<11).map { String(repeating: "w\($0) ", count: $0 + 1) }
    #expect(try encoder.encodeTexts(texts).rowList == texts.map(Self.row))
    #expect(encoder.identity.kind == "http" && encoder.identity.dimension == 16)
    #expect(encoder.identity.server?.value == server.base)
    #expect(encoder.maximumTokens == 32768)
    #expect(throws: EncoderError.self) { try encoder.tokenCount(of: "x") }
  }

  @Test("a strict server that knows no field of vLLM's is asked without it")
  func aStrictServer() throws {
    let server = try FaultInjectingServer { request in
      request.json?["truncate_prompt_tokens"] == nil
        ? Self.answer(request) : .error(422, "Extra inputs are not permitted")
    }
    defer { server.stop() }
    #expect(try connect(server).encodeTexts(["a b"]).rowList == [Self.row("a b")])
  }

  @Test("a tokenizer's folder gives counts and the limit")
  func aTokenizer() throws {
    let server = try FaultInjectingServer(handler: Self.answer)
    defer { server.stop() }
    for (folder, limit) in [("clip", 77), ("bert", 48)] {
      let encoder = try connect(server, counter: TokenCounter(directory: Golden.url(folder)))
      #expect(encoder.maximumTokens == limit)
      #expect(encoder.traits.tokenizerHash != nil)
      #expect(try encoder.tokenCount(of: "") == 2)
    }
  }

  @Test("a passing fault is tried again; a lasting one is an error that names the server")
  func faults() throws {
    let server = try FaultInjectingServer { request in
      // The probe, then one refusal and one hang-up before each is answered.
      request.index == 1 ? .error(503, "busy") : request.index == 2 ? .hangUp : Self.answer(request)
    }
    defer { server.stop() }
    #expect(try connect(server).encodeTexts(["a"]).rowList == [Self.row("a")])
    let down = try FaultInjectingServer { _ in .error(500, "out of memory") }
    defer { down.stop() }
    let error = #expect(throws: EncoderError.self) { try connect(down) }
    #expect(error?.description.contains(down.base) == true)
    #expect(error?.description.contains("out of memory") == true)
  }

  @Test(
    "answers that do not depend on the text, or hold NaN, are refused",
    arguments: [
      [Float](repeating: 1, count: 4), [1, .nan, 0, 0],
    ])
  func uselessAnswers(row: [Float]) throws {
    let server = try FaultInjectingServer { request in
      .embeddings((request.json?["input"] as? [String] ?? []).map { _ in row })
    }
    defer { server.stop() }
    let error = #expect(throws: EncoderError.self) { try connect(server) }
    #expect(error?.description.contains("unusable embeddings") == true)
  }
}

/// Against infinity or vLLM on the same tiny CLIP weights; `make test-servers`
/// starts them.
@Suite(.blocking, .enabled(if: ProcessInfo.processInfo.environment["KESS_CLIP_SERVER"] != nil))
struct RealCLIPServerTextTests {
  @Test("texts cut here by the server's tokenizer get the local encoder's embeddings")
  func texts() throws {
    let environment = ProcessInfo.processInfo.environment
    let weights = URL(
      fileURLWithPath: try #require(environment["KESS_CLIP_SERVER_WEIGHTS"]))
    let local = try CLIPModel(directory: weights)
    let server = try ServerTextEncoder(
      endpoint: try #require(environment["KESS_CLIP_SERVER"]),
      counter: try TokenCounter(directory: weights))
    // Short ones: see RealCLIPServerTests.
    let words = ["a fight", "cars", "NIGHT", "smoke!", "nobody", "it's 7", "ünï"]
    let texts = (0..<64).map { "\(words[$0 % 7]) \($0 * 13 % 101) \($0 % 5)" }
    for text in texts {
      #expect(try server.tokenCount(of: text) == local.tokenCount(of: text))
    }
    #expect(server.maximumTokens == local.maximumTokens)
    func unit(_ rows: [[Float]]) -> [[Float]] {
      rows.map { row in
        let length = row.reduce(0) { $0 + $1 * $1 }.squareRoot()
        return row.map { $0 / length }
      }
    }
    let check = CentredEmbeddingCheck(reference: unit(try local.encodeTexts(texts).rowList))
    let report = check.compare(unit(try server.encodeTexts(texts).rowList))
    #expect(report.passes, "\(report)")
    let wrong = check.compare(unit(try server.encodeTexts(texts.map { $0 + " x" }).rowList))
    #expect(wrong.failingRows.count == texts.count)
  }
}
