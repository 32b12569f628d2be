import Foundation
import HTTP
import ModelHub
import Records
import Synchronization
import TestSupport
import Testing

@Suite("Model download")
struct HubModelDownloadTests {
  private func failure(_ hub: TinyHub, _ id: String = "org/tiny") async -> String {
    do {
      return "fetched \(try await hub.fetch(id).files.map(\.path))"
    } catch {
      return "\(error)"
    }
  }

  @Test("what a model needs lands in the cache's own layout, and nothing else")
  func layout() async throws {
    let hub = try TinyHub()
    let seen = Mutex(0)
    let result = try await hub.fetch { progress in
      if progress.file.path == "model.safetensors" { seen.withLock { $0 = progress.bytes } }
    }
    #expect(
      result.files.map(\.path) == [
        "1_Pooling/config.json", "config.json", "merges.txt", "vocab.json", "model.safetensors",
      ])
    #expect(seen.withLock { $0 } == hub.weights.count)
    let links = FileManager.default
    let snapshot = hub.model.appendingPathComponent("snapshots/\(TinyHub.commit)")
    #expect(result.directory.path == snapshot.path)
    #expect(
      try links.destinationOfSymbolicLink(
        atPath: snapshot.appendingPathComponent("model.safetensors").path)
        == "../../blobs/\(ContentHash.of(hub.weights))")
    let nested = snapshot.appendingPathComponent("1_Pooling/config.json")
    #expect(
      try links.destinationOfSymbolicLink(atPath: nested.path).hasPrefix("../../../blobs/"))
    #expect(try Data(contentsOf: nested) == Data("{\"a\":1}".utf8))
    #expect(
      try Data(contentsOf: hub.model.appendingPathComponent("refs/main"))
        == Data(TinyHub.commit.utf8))
    #expect(
      try links.contentsOfDirectory(atPath: hub.blob().deletingLastPathComponent().path).count == 5)
    #expect(hub.cache.snapshots().map(\.revisions) == [["main"]])
  }

  @Test("what is there already is not asked for again")
  func secondRun() async throws {
    let hub = try TinyHub()
    _ = try await hub.fetch()
    _ = try await hub.fetch()
    #expect(hub.content.requests.count == 1)
    #expect(hub.hub.requests.count { $0.path.hasPrefix("/api/") } == 2)
  }

  @Test("a blob of the right size with other bytes is found out and fetched again")
  func damagedBlob() async throws {
    let hub = try TinyHub()
    _ = try await hub.fetch()
    var damaged = hub.weights
    damaged[1000] ^= 1
    try damaged.write(to: hub.blob())
    _ = try await hub.fetch()
    #expect(try Data(contentsOf: hub.blob()) == hub.weights)
  }

  @Test("two that fetch one model at once receive each file once, and both have it")
  func twoAtOnce() async throws {
    let hub = try TinyHub()
    async let first = hub.fetch()
    async let second = hub.fetch()
    let files = try await [first.files.count, second.files.count]
    #expect(files == [5, 5])
    #expect(hub.content.requests.count == 1)
    #expect(try Data(contentsOf: hub.blob()) == hub.weights)
  }

  @Test("a fetch that was cut off goes on where it ended")
  func resume() async throws {
    let hub = try TinyHub()
    try FileManager.default.createDirectory(
      at: hub.blob().deletingLastPathComponent(), withIntermediateDirectories: true)
    try hub.weights.prefix(100_000).write(to: hub.blob(".incomplete"))
    _ = try await hub.fetch()
    #expect(hub.content.requests.map { $0.headers["range"] } == ["bytes=100000-"])
    #expect(try Data(contentsOf: hub.blob()) == hub.weights)
    #expect(!FileManager.default.fileExists(atPath: hub.blob(".incomplete").path))
  }

  @Test("a connection that breaks in the middle is made again, for the rest only")
  func brokenConnection() async throws {
    let weights = Data((0..<300_000).map { UInt8(truncatingIfNeeded: $0 / 7) })
    let hub = try TinyHub(
      weights: weights,
      onContent: { $0.index == 0 ? .resetMidBody(body: weights, after: 200_000) : nil })
    _ = try await hub.fetch()
    #expect(try Data(contentsOf: hub.blob()) == hub.weights)
    #expect(hub.content.requests.count == 2)
  }

  @Test("a server that knows no ranges sends all of it, and it is still right")
  func noRanges() async throws {
    let weights = Data((0..<300_000).map { UInt8(truncatingIfNeeded: $0 / 7) })
    let hub = try TinyHub(
      weights: weights, onContent: { _ in .answer(status: 200, headers: [:], body: weights) })
    try FileManager.default.createDirectory(
      at: hub.blob().deletingLastPathComponent(), withIntermediateDirectories: true)
    try weights.prefix(100_000).write(to: hub.blob(".incomplete"))
    _ = try await hub.fetch()
    #expect(try Data(contentsOf: hub.blob()) == hub.weights)
  }

  @Test("a part left by an earlier run that is wrong is dropped once")
  func wrongPart() async throws {
    let hub = try TinyHub()
    try FileManager.default.createDirectory(
      at: hub.blob().deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(count: 100_000).write(to: hub.blob(".incomplete"))
    _ = try await hub.fetch()
    #expect(hub.content.requests.map { $0.headers["range"] } == ["bytes=100000-", nil])
    #expect(try Data(contentsOf: hub.blob()) == hub.weights)
  }

  @Test("bytes that do not match the recorded hash never get the blob's name, nor a reference")
  func wrongHash() async throws {
    let hub = try TinyHub(recorded: Data("something else".utf8))
    let message = await failure(hub)
    #expect(message.contains("model.safetensors: its hash is \(ContentHash.of(hub.weights))"))
    let blobs = try FileManager.default.contentsOfDirectory(
      atPath: hub.model.appendingPathComponent("blobs").path)
    #expect(!blobs.contains { $0.count > 40 }, "\(blobs)")
    #expect(hub.cache.snapshot(of: try HubModelID("org/tiny")) == nil)
  }

  @Test("the token goes to the hub and not to the host it redirects to, nor into an error")
  func token() async throws {
    let hub = try TinyHub()
    _ = try await hub.fetch(environment: ["HF_TOKEN": "hf_secret"])
    #expect(hub.hub.requests.allSatisfy { $0.headers["authorization"] == "Bearer hf_secret" })
    #expect(hub.content.requests.allSatisfy { $0.headers["authorization"] == nil })
    let refusing = try TinyHub(onHub: { _ in .error(401, "Invalid credentials") })
    do {
      _ = try await refusing.fetch(environment: ["HF_TOKEN": "hf_secret"])
      Issue.record("a refused token fetched a model")
    } catch {
      #expect(!"\(error)".contains("hf_secret"))
      #expect("\(error)".contains("HF_TOKEN") && "\(error)".contains("HTTP 401"))
    }
  }

  @Test("the token file that other tools write is used")
  func tokenFile() async throws {
    let hub = try TinyHub()
    try Data("hf_from_file\n".utf8).write(to: hub.folder.file("token"))
    _ = try await hub.fetch()
    #expect(hub.hub.requests[0].headers["authorization"] == "Bearer hf_from_file")
  }

  @Test("a model or revision that is not there, and one without weights, are named")
  func notFound() async throws {
    let hub = try TinyHub()
    #expect(await failure(hub, "org/other").contains("org/other@main: not at http://127.0.0.1"))
    #expect(await failure(hub, "org/tiny@v2").contains("org/tiny@v2: not at"))
    let empty = try TinyHub(onHub: {
      $0.path.hasPrefix("/api/")
        ? .json("{\"sha\":\"\(TinyHub.commit)\",\"siblings\":[]}") : nil
    })
    #expect(await failure(empty).contains("no weights among its files"))
  }

  @Test("redirects without end, and away from the web, are not followed")
  func redirects() async throws {
    let circle = try TinyHub(onContent: { _ in
      .answer(status: 302, headers: ["Location": "/blob"], body: Data())
    })
    #expect(await failure(circle).contains("more than 5 redirects"))
    #expect(circle.content.requests.count == 5)
    let file = try TinyHub(onContent: { _ in
      .answer(status: 302, headers: ["Location": "file:///etc/passwd"], body: Data())
    })
    let message = await failure(file)
    #expect(message.contains("a redirect to nowhere") && !message.contains("signature"))
  }

  @Test("a listing that leads out of the cache is refused")
  func hostileListing() async throws {
    for path in ["../../../evil", "/etc/passwd", "a/../../b", ""] {
      let hub = try TinyHub(onHub: {
        $0.path.hasPrefix("/api/")
          ? .json(
            """
            {"sha":"\(TinyHub.commit)","siblings":[{"rfilename":"\(path)","size":1,\
            "blobId":"\(TinyHub.commit)"}]}
            """) : nil
      })
      #expect(await failure(hub).contains("not a plain path"), "\(path)")
    }
  }

  @Test("without a network the error says what to do; offline mode sends nothing")
  func offline() async throws {
    let hub = try TinyHub()
    hub.hub.stop()
    let message = await failure(hub)
    #expect(message.contains("cannot be reached") && message.contains("--endpoint"), "\(message)")
    let other = try TinyHub()
    let error = await #expect(throws: HubError.self) {
      try await other.fetch(environment: ["HF_HUB_OFFLINE": "1"])
    }
    #expect(error?.failureKind == .serverUnreachable)
    #expect(other.hub.requests.isEmpty)
  }

  @Test("an answer of the hub that is no list of files is named")
  func notAHub() async throws {
    let hub = try TinyHub(onHub: { _ in .json("{\"hello\":1}") })
    #expect(await failure(hub).contains("found no list of files"))
  }
}
