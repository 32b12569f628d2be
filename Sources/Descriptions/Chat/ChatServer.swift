import HTTP
import Synchronization

/// One endpoint of a describer: the server, and the request fields that it accepts.
struct ChatServer: Sendable {
  let server: ModelServer
  let dialect = ChatDialect()
  private let bodies = LargestBody()

  /// The describer's identity for answers from this endpoint.
  func identity(model: String) -> DescriberIdentity {
    DescriberIdentity(kind: .openai, model: model, endpoint: server.endpoint.base)
  }

  /// Notes that a request of this size was answered.
  func noteAnswer(toBytes bytes: Int) { bodies.note(bytes) }

  /// The reason for a refusal that a proxy may be behind: this address does not exist, it
  /// says, but it answered smaller requests. Nil for any other refusal.
  func reasonForProxy(_ refusal: ServerRefusal, bytes: Int) -> String? {
    // A model that is gone is missing for requests of any size.
    guard [404, 405, 410].contains(refusal.status),
      !refusal.words.lowercased().contains("model"), let answered = bodies.bytes, answered < bytes
    else { return nil }
    return "\(refusal.words); the same address answered requests of up to \(answered / 1000) kB, "
      + "and this one has \(bytes / 1000) kB, \(Self.proxyEnding)"
  }

  /// How such a reason ends.
  static let proxyEnding = "so a proxy may cut large bodies"
}

/// The size of the largest request that a server answered.
private final class LargestBody: Sendable {
  private let largest = Mutex<Int?>(nil)
  /// Nil before the first answer.
  var bytes: Int? { largest.withLock { $0 } }

  func note(_ bytes: Int) { largest.withLock { $0 = max($0 ?? 0, bytes) } }
}

/// The sampling fields that a server does not accept. vLLM accepts all of them;
/// transformers' server answers 422 to fields that it does not know. Each server's fields are
/// learned once for all requests.
final class ChatDialect: Sendable {
  private let omitted = Mutex<Set<String>>([])

  /// The fields that are not sent.
  var omittedFields: Set<String> { omitted.withLock { $0 } }

  /// Adds fields that the server is known to refuse.
  func learn(_ fields: Set<String>) {
    omitted.withLock { $0.formUnion(fields) }
  }

  /// The fields to omit after a server refused a request: the optional fields that the
  /// refusal names. If it names none and has the status 422, the next group of optional
  /// fields: first each group alone, then all of them, so that fields that the server accepts
  /// are not learned as refused.
  ///
  /// - Parameters:
  ///   - asked: the fields of that request.
  ///   - omitted: the fields that it already omitted.
  /// - Returns: nil if there is nothing new to try. Fields that the refusal names are learned
  ///   at once, a guess only after it worked.
  func fieldsToOmit(
    refusal: String, status: Int, asked: [String], omitted: Set<String>
  ) -> Set<String>? {
    guard status == 422 || status == 400 else { return nil }
    let known = omittedFields
    let groups = SamplingParameters.optionalFields.map { group in
      Set(group.filter { asked.contains($0) && !known.contains($0) })
    }.filter { !$0.isEmpty }
    let all = groups.reduce(into: Set<String>()) { $0.formUnion($1) }
    let named = all.subtracting(omitted).filter { refusal.contains($0.count > 1 ? $0 : "'\($0)'") }
    if !named.isEmpty {
      learn(named)
      return omitted.union(named)
    }
    let guessed = omitted.subtracting(known)
    // Words that name another reason are not about fields.
    guard status == 422, guessed != all, !RequestRefusal.isRefusal(refusal) else { return nil }
    let place = guessed.isEmpty ? 0 : groups.firstIndex(of: guessed).map { $0 + 1 } ?? groups.count
    return known.union(place < groups.count ? groups[place] : all)
  }
}

/// The model that a list of endpoints serves; several models if mixing is allowed.
struct ServedModels: Sendable {
  /// The model's name in requests' keys if models may be mixed. Any of the models may answer,
  /// so the key must not depend on which of them are available, or on the endpoints' order.
  static let mixedName = "mixed models"

  let places: [EndpointPool.Place]
  /// The model's name in requests' keys.
  let name: String
  /// The models that the servers serve, sorted.
  let found: [String]
  /// The smallest context length that a server reports.
  let contextTokens: Int?

  /// Asks the servers for their models, and waits up to `patienceSeconds` until one answers.
  /// A server that is absent then must serve the same model when it comes, or any model if
  /// models may be mixed.
  ///
  /// - Throws: `DescriptionError`, `CancellationError`.
  static func find(
    _ servers: [ModelServer], model: String?, mayMix: Bool, pool: EndpointPoolOptions,
    patienceSeconds: Double
  ) async throws -> ServedModels {
    var waitedSeconds = 0.0
    while true {
      var found: [Int: ModelServer.ServedModel] = [:]
      var absent: [Int: String] = [:]
      var isLoading = false
      for (index, server) in servers.enumerated() {
        do {
          found[index] = try await server.model(named: model)
        } catch ServerFailure.unreachable(let reason) {
          absent[index] = reason
        } catch ServerFailure.loading(let reason) {
          absent[index] = reason
          isLoading = true
        } catch let failure as ServerFailure {
          throw DescriptionError(failure, endpoint: server.endpoint.base)
        }
      }
      if !found.isEmpty {
        return try ServedModels(
          servers, model: model, found: found, absent: absent, mayMix: mayMix)
      }
      // A server that reports that it is loading is waited for even without a patience.
      let patience = isLoading ? max(patienceSeconds, pool.patienceSeconds) : patienceSeconds
      guard waitedSeconds < patience else {
        throw DescriptionError.serverUnreachable(
          endpoint: servers.map(\.endpoint.base).joined(separator: ", "),
          reason: absent.sorted { $0.key < $1.key }.map(\.value).first ?? "it does not answer")
      }
      if waitedSeconds == 0, let reason = absent[0] {
        pool.onEvent(.lost(endpoint: servers[0].endpoint.base, reason: reason))
      }
      let pause = min(pool.probeCapSeconds, max(1, waitedSeconds / 4))
      try await pool.sleep(pause)
      waitedSeconds += pause
    }
  }

  private init(
    _ servers: [ModelServer], model: String?, found: [Int: ModelServer.ServedModel],
    absent: [Int: String], mayMix: Bool
  ) throws {
    let models = found.sorted { $0.key < $1.key }
    let names = Set(models.map(\.value.id)).sorted()
    let contexts = Set(models.map(\.value.contextTokens))
    guard mayMix || (names.count == 1 && contexts.count == 1) else {
      let list = models.map { index, model in
        "\(servers[index].endpoint.base) serves '\(model.id)'"
          + (model.contextTokens.map { " with \($0) context tokens" } ?? "")
      }
      throw DescriptionError.mixedModels(found: list.joined(separator: ", "))
    }
    self.found = names
    let awaited = mayMix ? model : names[0]
    name = awaited ?? Self.mixedName
    contextTokens = models.compactMap(\.value.contextTokens).min()
    places = servers.enumerated().map { index, server in
      EndpointPool.Place(
        server: server, model: found[index]?.id ?? awaited, absence: absent[index])
    }
  }
}
