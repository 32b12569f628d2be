import Foundation
import HTTP
import ModelHub
import Records
import Synchronization
import TestSupport

/// A hub on this machine with one small model, its large file on a second host, and
/// faults as a test asks for them.
final class TinyHub: Sendable {
  static let commit = "0123456789abcdef0123456789abcdef01234567"

  let folder: TemporaryFolder
  let hub: FaultInjectingServer
  let content: FaultInjectingServer
  let weights: Data
  private let files: [String: Data]

  /// - Parameters:
  ///   - weights: the bytes that the content host has under the large file's name.
  ///   - recorded: the bytes whose hash the hub records for it; the same if nil.
  ///   - onContent: may answer in place of the content host.
  ///   - onHub: may answer in place of the hub.
  init(
    weights: Data = Data((0..<300_000).map { UInt8(truncatingIfNeeded: $0 / 7) }),
    recorded: Data? = nil,
    onHub: @escaping @Sendable (FaultInjectingServerRequest) -> FaultInjectingServerAnswer? = {
      _ in nil
    },
    onContent: @escaping @Sendable (FaultInjectingServerRequest) -> FaultInjectingServerAnswer? = {
      _ in nil
    }
  ) throws {
    let folder = try TemporaryFolder()
    self.folder = folder
    self.weights = weights
    let files = [
      "config.json": Data("{\"model_type\":\"clip\"}".utf8), "vocab.json": Data("{}".utf8),
      "merges.txt": Data(), "1_Pooling/config.json": Data("{\"a\":1}".utf8),
      "README.md": Data("words".utf8), "model.safetensors": weights,
      "pytorch_model.bin": Data("a pickle".utf8),
    ]
    self.files = files
    content = try FaultInjectingServer(models: []) { request in
      if let answer = onContent(request) { return answer }
      guard let range = request.headers["range"],
        let start = Int(range.dropFirst("bytes=".count).prefix { $0.isNumber })
      else { return .answer(status: 200, headers: [:], body: weights) }
      return .answer(
        status: 206,
        headers: ["Content-Range": "bytes \(start)-\(weights.count - 1)/\(weights.count)"],
        body: weights.dropFirst(start))
    }
    let contentPort = content.port
    let hashes = try files.mapValues { data in
      let url = folder.file("hashed")
      try data.write(to: url)
      return try GitBlobHash.ofFile(at: url)
    }
    let recordedHash = ContentHash.of(recorded ?? weights)
    hub = try FaultInjectingServer(models: []) { request in
      if let answer = onHub(request) { return answer }
      let prefix = "/org/tiny/resolve/\(Self.commit)/"
      if request.path == "/api/models/org/tiny/revision/main?blobs=true" {
        let siblings = files.keys.sorted().map { name in
          let size = files[name]?.count ?? 0
          let large =
            name == "model.safetensors"
            ? ",\"lfs\":{\"sha256\":\"\(recordedHash)\",\"size\":\(size),\"pointerSize\":9}" : ""
          return
            "{\"rfilename\":\"\(name)\",\"size\":\(size),\"blobId\":\"\(hashes[name] ?? "")\"\(large)}"
        }
        return .json(
          "{\"id\":\"org/tiny\",\"sha\":\"\(Self.commit)\",\"siblings\":[\(siblings.joined(separator: ","))]}"
        )
      }
      guard request.path.hasPrefix(prefix) else { return .error(404, "Repository not found") }
      let name = String(request.path.dropFirst(prefix.count))
      guard let data = files[name] else { return .error(404, "Entry not found") }
      guard name == "model.safetensors" else {
        return .answer(status: 200, headers: ["ETag": "\"\(hashes[name] ?? "")\""], body: data)
      }
      return .answer(
        status: 302,
        headers: ["Location": "http://127.0.0.1:\(contentPort)/blob?signature=secret"], body: Data()
      )
    }
  }

  deinit {
    hub.stop()
    content.stop()
  }

  var cache: HubCache { HubCache(root: folder.file("hub")) }

  /// The folder of the model in the cache.
  var model: URL { cache.folder(of: "org/tiny") }

  /// The blob of the large file, or what an earlier run left of it.
  func blob(_ suffix: String = "") -> URL {
    model.appendingPathComponent("blobs/\(ContentHash.of(weights))\(suffix)")
  }

  func fetch(
    _ id: String = "org/tiny", environment: [String: String] = [:],
    progress: @escaping @Sendable (HubModelDownload.Progress) -> Void = { _ in }
  ) async throws -> HubModelDownload.Result {
    let client = try HubClient(
      endpoint: "http://127.0.0.1:\(hub.port)", client: HTTPClient(),
      environment: environment.merging(["HF_HOME": folder.url.path]) { own, _ in own },
      timeouts: HTTPTimeouts(connectSeconds: 5, firstByteSeconds: 20, noProgressSeconds: 20),
      retries: RetryPolicy(maximumAttempts: 3, jitter: { 0 }, sleep: { _ in }))
    return try await HubModelDownload(client: client, cache: cache).fetch(
      HubModelID(id), progress: progress)
  }
}
