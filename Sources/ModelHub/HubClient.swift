import Foundation
import HTTP

/// Asks a hub for a model's files. The client follows a bounded number of redirects
/// itself: the token goes to the hub's own host only, and never from https: to http:.
package struct HubClient: Sendable {
  /// The hub where none is named.
  package static let defaultEndpoint = "https://huggingface.co"
  static let maximumRedirects = 5

  /// Without a trailing slash.
  package let endpoint: String
  private let token: APIKey?
  private let client: HTTPClient
  private let timeouts: HTTPTimeouts
  let retries: RetryPolicy

  /// - Throws: `HubError.offline`, `.unexpectedAnswer` for an endpoint that is no
  ///   web address; `HTTPError.unusableKey`.
  package init(
    endpoint: String? = nil, client: HTTPClient,
    environment: [String: String] = ProcessInfo.processInfo.environment,
    timeouts: HTTPTimeouts = HTTPTimeouts(connectSeconds: 10, firstByteSeconds: 30),
    retries: RetryPolicy = RetryPolicy()
  ) throws {
    if let value = environment["HF_HUB_OFFLINE"],
      ["1", "true", "yes", "on"]
        .contains(value.lowercased())
    {
      throw HubError.offline(variable: "HF_HUB_OFFLINE")
    }
    var base =
      endpoint ?? environment["HF_ENDPOINT"].flatMap { $0.isEmpty ? nil : $0 }
      ?? Self.defaultEndpoint
    while base.hasSuffix("/") { base.removeLast() }
    guard let parts = URLComponents(string: base), ["http", "https"].contains(parts.scheme),
      let host = parts.host, !host.isEmpty, parts.user == nil, parts.query == nil
    else {
      throw HubError.unexpectedAnswer(
        address: "--endpoint", found: "no plain web address",
        expected: "one like \(Self.defaultEndpoint)")
    }
    self.endpoint = base
    self.client = client
    self.timeouts = timeouts
    self.retries = retries
    // A token may only be sent over TLS, or to this machine.
    let isSafe = parts.scheme == "https" || host == "localhost" || host.hasPrefix("127.")
    token = isSafe ? try Self.findToken(environment) : nil
  }

  /// `HF_TOKEN`, else `HUGGING_FACE_HUB_TOKEN`, else the file that `hf auth login` writes.
  private static func findToken(_ environment: [String: String]) throws -> APIKey? {
    for name in ["HF_TOKEN", "HUGGING_FACE_HUB_TOKEN"] {
      if let text = environment[name], !text.isEmpty { return try APIKey(text, source: name) }
    }
    let path =
      environment["HF_TOKEN_PATH"].map { ($0 as NSString).expandingTildeInPath }
      ?? HubCache.home(environment).appendingPathComponent("token").path
    guard let text = try? String(contentsOfFile: path, encoding: .utf8),
      !text.trimmingCharacters(in: .whitespacesAndNewlines).isEmpty
    else { return nil }
    return try APIKey(text, source: path)
  }

  /// The contents of a revision of a model.
  package struct Listing: Sendable {
    package let commit: String
    package let files: [HubFile]
  }

  /// The files of a model with their sizes and hashes.
  ///
  /// - Throws: `HubError`, `CancellationError`.
  package func listing(of id: HubModelID) async throws -> Listing {
    let revision = id.revision.replacingOccurrences(of: "/", with: "%2F")
    let address = "\(endpoint)/api/models/\(id.name)/revision/\(revision)?blobs=true"
    let data = try await retrying {
      var data = Data()
      for try await event in try await open(address, model: id).events {
        if case .body(let piece) = event { data.append(piece) }
      }
      return data
    }
    guard let answer = try? JSONDecoder().decode(Answer.self, from: data),
      case .gitBlob? = HubHash(digits: answer.sha)
    else {
      throw HubError.unexpectedAnswer(
        address: address, found: "no list of files", expected: "a hub's answer")
    }
    return Listing(
      commit: answer.sha, files: try answer.siblings.map { try $0.file(address: address) })
  }

  /// The hub's own keys.
  private struct Answer: Decodable {
    struct Sibling: Decodable {
      struct LargeFile: Decodable {
        var sha256: String
        var size: Int
      }
      var rfilename: String
      var size: Int?
      var blobId: String?
      var lfs: LargeFile?

      func file(address: String) throws -> HubFile {
        let parts = rfilename.split(separator: "/", omittingEmptySubsequences: false)
        guard !parts.isEmpty, parts.allSatisfy({ !$0.isEmpty && $0 != ".." && $0 != "." }),
          let count = lfs?.size ?? size, count >= 0,
          let hash = (lfs?.sha256 ?? blobId).flatMap(HubHash.init(digits:))
        else {
          throw HubError.unexpectedAnswer(
            address: address, found: "'\(rfilename)' without size and hash, or not a plain path",
            expected: "both for every file")
        }
        return HubFile(path: rfilename, byteCount: count, hash: hash)
      }
    }
    var sha: String
    var siblings: [Sibling]
  }

  /// An answer's head and the stream that its body comes on.
  struct Opened {
    let head: HTTPHead
    let events: AsyncThrowingStream<HTTPEvent, any Error>
  }

  /// The bytes of a file from `start` on.
  ///
  /// - Throws: `HubError`, `NetworkFailure`, `CancellationError`.
  func open(_ file: HubFile, of id: HubModelID, commit: String, from start: Int) async throws
    -> Opened
  {
    let path = file.path.addingPercentEncoding(withAllowedCharacters: .urlPathAllowed) ?? file.path
    return try await open(
      "\(endpoint)/\(id.name)/resolve/\(commit)/\(path)", model: id, from: start,
      maximumBytes: file.byteCount - start)
  }

  private func open(
    _ address: String, model: HubModelID, from start: Int = 0, maximumBytes: Int = 64 << 20
  ) async throws -> Opened {
    var address = address
    for _ in 0...Self.maximumRedirects {
      var headers = [("Accept-Encoding", "identity")]
      if start > 0 { headers.append(("Range", "bytes=\(start)-")) }
      if let token, Self.isSameHost(address, endpoint) { headers.append(token.header) }
      let events = client.events(
        of: HTTPRequest(
          url: address, headers: headers, timeouts: timeouts,
          maximumBodyBytes: max(maximumBytes, 1 << 20)))
      guard let head = try await Self.head(of: events) else { throw CancellationError() }
      switch head.status {
      case 200, 206: return Opened(head: head, events: events)
      case 301, 302, 303, 307, 308:
        address = try Self.target(of: head, from: address)
      case 401, 403: throw HubError.refused(model: model.name, status: head.status)
      case 404:
        throw HubError.notFound(
          model: model.name, revision: model.revision, endpoint: endpoint)
      case let status where RetryPolicy.isRetryable(status: status):
        throw NetworkFailure(kind: .other, reason: "HTTP \(status)")
      case let status:
        throw HubError.unexpectedAnswer(
          address: Self.withoutQuery(address), found: "HTTP \(status)", expected: "a file")
      }
    }
    throw HubError.unexpectedAnswer(
      address: endpoint, found: "more than \(Self.maximumRedirects) redirects",
      expected: "a file")
  }

  private static func head(of events: AsyncThrowingStream<HTTPEvent, any Error>) async throws
    -> HTTPHead?
  {
    // Only the head is taken; the caller reads the body.
    var iterator = events.makeAsyncIterator()
    guard case .head(let head)? = try await iterator.next() else { return nil }
    return head
  }

  private static func target(of head: HTTPHead, from address: String) throws -> String {
    guard let location = head["location"], let base = URL(string: address),
      let url = URL(string: location, relativeTo: base)?.absoluteURL,
      ["http", "https"].contains(url.scheme), url.scheme == "https" || base.scheme == "http"
    else {
      throw HubError.unexpectedAnswer(
        address: withoutQuery(address), found: "a redirect to nowhere, or from https: to http:",
        expected: "another web address")
    }
    return url.absoluteString
  }

  /// The same scheme, host and port.
  private static func isSameHost(_ one: String, _ other: String) -> Bool {
    guard let one = URLComponents(string: one), let other = URLComponents(string: other) else {
      return false
    }
    return one.scheme == other.scheme && one.host == other.host && one.port == other.port
  }

  /// A signed address is a secret while it is valid.
  private static func withoutQuery(_ address: String) -> String {
    String(address.prefix { $0 != "?" })
  }

  /// Retries after network failures, by the retry rules.
  private func retrying<Value: Sendable>(_ body: () async throws -> Value) async throws -> Value {
    do {
      return try await RetryLoop(policy: retries).run {
        () async throws -> RetryLoop.Verdict<Value> in
        do {
          return .accepted(try await body())
        } catch let failure as NetworkFailure {
          return .on(failure)
        }
      }
    } catch ServerFailure.unreachable(let reason), ServerFailure.gaveUp(_, let reason) {
      throw HubError.unreachable(endpoint: endpoint, reason: reason)
    }
  }
}
