import Encoders
import Foundation
import HTTP
import Records
import Synchronization
import Tensors
import TestSupport
import Testing
import Video

@Suite("Server encoder", .blocking)
struct ServerEncoderTests {
  /// Retries without waiting.
  private static let options = ServerEncoder.Options(
    picturesPerRequest: 3, textsPerRequest: 3, requestsInFlight: 2,
    retry: RetryPolicy(sleep: { _ in }),
    timeouts: HTTPTimeouts(firstByteSeconds: 30, noProgressSeconds: 30))

  private func connect(_ server: FaultInjectingServer, model: String? = nil) throws
    -> ServerEncoder
  {
    try ServerEncoder(endpoint: server.base, model: model, options: Self.options)
  }

  /// Pictures that differ, none of the size that the model sees.
  private static func pictures(_ count: Int) -> [RGBImage] {
    (0..<count).map { number in
      var image = RGBImage(width: 300 + number * 7, height: 260)
      for index in image.pixels.indices {
        image.pixels[index] = UInt8(truncatingIfNeeded: index / (number + 2) / 5)
      }
      return image
    }
  }

  private func rows(_ tensor: Tensor<Float>) -> [[Float]] {
    (0..<tensor.shape[0]).map { tensor[row: $0].scalars }
  }

  private func failure(_ body: () throws -> Void) throws -> ServerFailure {
    let error = try #require(throws: EncoderError.self, performing: body)
    guard case .server(_, let failure) = error else {
      throw error
    }
    return failure
  }

  @Test(
    "each dialect is found by asking, and rows come in order over many requests",
    arguments: [FakeEmbeddings.Speech.infinity, .vllm])
  func dialects(speech: FakeEmbeddings.Speech) throws {
    let fake = FakeEmbeddings(speech: speech)
    let server = try fake.server()
    defer { server.stop() }
    let encoder = try connect(server)
    #expect(encoder.dialect == (speech == .vllm ? .messages : .modality))
    #expect(encoder.picture == ServerPicture(format: .png, side: 224))
    #expect(encoder.identity.kind == "http" && encoder.identity.model == "fake")
    #expect(encoder.identity.dimension == 49 && encoder.identity.server?.value == server.base)
    let pictures = Self.pictures(11)
    // Resized here and not there, PNG: the very numbers.
    #expect(try rows(encoder.encodeImages(pictures)) == pictures.map { try fake.row(of: $0) })
    let texts = (0..<10).map { "text \($0)" } + [String(repeating: "long ", count: 40)]
    #expect(try rows(encoder.encodeTexts(texts)) == texts.map { fake.text($0) })
    #expect(try encoder.encodeImages([]).shape == [0, 49])
  }

  @Test("a model with another input side gets pictures of that side", arguments: [336, 384, 256])
  func sides(side: Int) throws {
    let fake = FakeEmbeddings(speech: .infinity, side: side)
    let server = try fake.server()
    defer { server.stop() }
    #expect(try connect(server).picture.side == side)
  }

  @Test(
    "what may pass is asked again until it has",
    arguments: [
      FaultInjectingServerAnswer.error(500, "boom"), .error(503, "loading"),
      .error(429, "busy", headers: ["Retry-After": "3"]), .hangUp,
      .resetMidBody(body: Data("{\"data\":[".utf8), after: 5),
      .answer(status: 200, headers: [:], body: Data("<html>busy</html>".utf8)),
    ])
  func transient(answer: FaultInjectingServerAnswer) throws {
    let fake = FakeEmbeddings(speech: .infinity)
    let server = try fake.server { _, number in (0..<2).contains(number) ? answer : nil }
    defer { server.stop() }
    let pictures = Self.pictures(2)
    #expect(
      try rows(connect(server).encodeImages(pictures)) == pictures.map { try fake.row(of: $0) })
  }

  @Test(
    "an unsound answer is an error that says what is wrong, and is not asked again",
    arguments: [
      ([[1, 2], [3, 4]] as [[Float]], nil as [Int]?, "2 numbers, expected 49"),
      ([[Float](repeating: 1, count: 49)], nil, "1 embeddings for 2 inputs"),
      (
        [[Float]](repeating: [Float](repeating: 1, count: 49), count: 2), [1, 0], "another order"
      ),
      (
        [[Float](repeating: 1, count: 49), [Float](repeating: .nan, count: 49)], nil, "NaN"
      ),
    ])
  func unsound(rows: [[Float]], indices: [Int]?, says: String) throws {
    let asked = Mutex(0)
    let server = try FakeEmbeddings(speech: .infinity).server { _, number in
      guard number >= 0 else { return nil }
      asked.withLock { $0 += 1 }
      return .embeddings(rows, indices: indices)
    }
    defer { server.stop() }
    let encoder = try connect(server)
    let found = try failure { _ = try encoder.encodeTexts(["a", "b"]) }
    guard case .unusableAnswer(let reason) = found else {
      Issue.record("found \(found)")
      return
    }
    #expect(reason.contains(says), "\(reason)")
    #expect(asked.withLock { $0 } == 1)
  }

  @Test("a server that goes away, and one that was never there, are unreachable")
  func unreachable() throws {
    let server = try FakeEmbeddings(speech: .vllm).server()
    let encoder = try connect(server)
    server.stop()
    let error = try #require(throws: EncoderError.self) { _ = try encoder.encodeTexts(["a"]) }
    #expect(error.failureKind == .serverUnreachable)
    let never = try #require(throws: EncoderError.self) { _ = try connect(server) }
    #expect(never.failureKind == .serverUnreachable)
    #expect(never.description.contains(server.base) && never.description.contains("--encoder"))
  }

  @Test("refusals end the call at once and in words")
  func refused() throws {
    let server = try FakeEmbeddings(speech: .vllm).server { _, number in
      number >= 0 ? .error(413, "too large") : nil
    }
    defer { server.stop() }
    let encoder = try connect(server)
    #expect(
      try failure { _ = try encoder.encodeTexts(["a"]) }
        == .refused(status: 413, reason: "too large"))
  }

  @Test("the model must be clear")
  func models() throws {
    let server = try FaultInjectingServer(models: ["one", "two"]) { _ in .error(404, "none") }
    defer { server.stop() }
    #expect(try failure { _ = try connect(server) } == .modelNotClear(served: ["one", "two"]))
    #expect(
      try failure { _ = try connect(server, model: "three") }
        == .unknownModel(asked: "three", served: ["one", "two"]))
  }

  @Test("a server without embeddings of pictures is refused")
  func chatOnly() throws {
    let server = try FaultInjectingServer { _ in .error(404, "no such path") }
    defer { server.stop() }
    guard case .unusableAnswer(let reason) = try failure({ _ = try connect(server) }) else {
      Issue.record("another failure")
      return
    }
    #expect(reason.contains("no pictures") && reason.contains("no such path"))
  }

  @Test("a server that embeds a picture's address as a text is refused")
  func addressAsText() throws {
    let server = try FaultInjectingServer { request in
      guard let input = request.json?["input"] as? [String] else { return .error(422, "input") }
      return .embeddings(
        input.map { text in
          // As random as a text tower's answer to another text.
          var generator = SeededGenerator(
            seed: UInt64(
              bitPattern: Int64(
                text.utf8.reduce(7) {
                  $0 &* 31 &+ Int($1)
                })))
          return (0..<FakeEmbeddings.dimension).map { _ in
            Float.random(in: -1..<1, using: &generator)
          }
        })
    }
    defer { server.stop() }
    guard case .unusableAnswer(let reason) = try failure({ _ = try connect(server) }) else {
      Issue.record("another failure")
      return
    }
    #expect(reason.contains("does not read pictures"))
  }

  @Test("pictures and texts of different width are no one space")
  func widths() throws {
    let server = try FakeEmbeddings(speech: .infinity, textDimension: 48).server()
    defer { server.stop() }
    guard case .unusableAnswer(let reason) = try failure({ _ = try connect(server) }) else {
      Issue.record("another failure")
      return
    }
    #expect(reason.contains("not one space"))
  }

  @Test("the address is recorded and takes no part in comparing")
  func identity() throws {
    let here = EncoderIdentity(kind: "http", model: "m", dimension: 4, server: "http://a/v1")
    let there = EncoderIdentity(kind: "http", model: "m", dimension: 4, server: "http://b/v1")
    #expect(here == there && here.hashValue == there.hashValue)
    let json = String(decoding: try JSONRecord.encode(here), as: UTF8.self)
    #expect(json.contains("a/v1"))
    let read = try JSONDecoder().decode(EncoderIdentity.self, from: Data(json.utf8))
    #expect(read.server?.value == "http://a/v1")
    let other = EncoderIdentity(kind: "http", model: "n", dimension: 4, server: "http://a/v1")
    #expect(here != other)
  }

  @Test("no more requests are open than allowed")
  func inFlight() throws {
    let open = Mutex((now: 0, most: 0))
    let fake = FakeEmbeddings(speech: .vllm)
    let server = try fake.server { request, _ in
      open.withLock {
        $0.now += 1
        $0.most = max($0.most, $0.now)
      }
      defer { open.withLock { $0.now -= 1 } }
      return fake.answer(to: request)
    }
    defer { server.stop() }
    _ = try connect(server).encodeImages(Self.pictures(20))
    let most = open.withLock { $0.most }
    #expect((1...2).contains(most), "\(most) at once")
  }

  @Test("callers that hold every thread of the cooperative pool are answered, retries included")
  func poolIsNotNeeded() async throws {
    let fake = FakeEmbeddings(speech: .infinity)
    let server = try fake.server { _, number in number == 0 ? .error(500, "boom") : nil }
    defer { server.stop() }
    // The encoder's own waiting: that must not need the pool either.
    let encoder = try ServerEncoder(
      endpoint: server.base, options: ServerEncoder.Options(textsPerRequest: 1))
    let callers = 4 * ProcessInfo.processInfo.activeProcessorCount
    let answers = try await withThrowingTaskGroup(of: [Float].self) { group in
      for number in 0..<callers {
        // On Swift's own pool, not on the threads of a blocking test.
        group.addTask(executorPreference: globalConcurrentExecutor) {
          try encoder.encodeTexts(["caller \(number)"]).scalars
        }
      }
      return try await group.reduce(into: 0) { count, _ in count += 1 }
    }
    #expect(answers == callers)
  }
}
