import HTTP
import Synchronization

/// What a list of endpoints serves: one model, unless mixing is allowed.
struct ServedModels: Sendable {
  /// The name of models that may be mixed. A request's key says what was asked for, and
  /// that is an answer of any of them: the models that are there just now, and the order
  /// of their endpoints, would make other keys of the same question.
  static let mixedName = "mixed models"

  let places: [EndpointPool.Place]
  /// The model's name, as requests' keys have it.
  let name: String
  /// The models that were found, sorted.
  let found: [String]
  /// The least of what the servers say.
  let contextTokens: Int?

  /// Looks at the servers, and waits for one of them up to the patience. Those that
  /// are absent then must serve the model of the others when they come, or, where models
  /// may be mixed, any one.
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
      // A server that says it is loading is worth a wait that nobody asked for.
      let patience = isLoading ? max(patienceSeconds, pool.patienceSeconds) : patienceSeconds
      guard waitedSeconds < patience else {
        throw DescriptionError.serverUnreachable(
          endpoint: servers.map(\.endpoint.base).joined(separator: ", "),
          reason: absent.sorted { $0.key < $1.key }.map(\.value).first ?? "no answer")
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
        "\(servers[index].endpoint.base) '\(model.id)'"
          + (model.contextTokens.map { " of \($0) tokens" } ?? "")
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

/// One endpoint of a describer: the server, and how it likes to be spoken to.
struct ChatServer: Sendable {
  let server: ModelServer
  let dialect = ChatDialect()

  /// Who answers there.
  func identity(model: String) -> DescriberIdentity {
    DescriberIdentity(kind: .openai, model: model, endpoint: server.endpoint.base)
  }
}

/// What is asked about one video, the same at every endpoint.
struct ChatQuestion: Sendable {
  let videoID: String
  let body: ChatRequestBody
  let sampling: SamplingParameters
  /// Nil where nothing predicts the count.
  let expected: ExpectedPromptTokens?
  let leaks: LabelGuard
  /// The form in which the answer is wanted; nil for plain sentences.
  let schema: AnswerSchema?
  /// How many servers were lost under it in earlier runs.
  var lossesBefore = 0
}

/// Which sampling fields a server does without: vLLM takes all, transformers'
/// server answers 422 to those it does not know. Learnt once for all requests.
final class ChatDialect: Sendable {
  private let omitted = Mutex<Set<String>>([])

  /// The fields that are not sent.
  var omittedFields: Set<String> { omitted.withLock { $0 } }

  /// Takes note of fields that the server surely refuses.
  func learn(_ fields: Set<String>) {
    omitted.withLock { $0.formUnion(fields) }
  }

  /// What to leave out after a refusal of a request: the optional fields that it
  /// names, or, where it names none and has the status 422, the next group of them; each
  /// group alone, then all, so that nothing is learnt of fields that did no harm.
  ///
  /// - Parameters:
  ///   - asked: the fields of that request.
  ///   - omitted: which of them it had left out.
  /// - Returns: nil where there is nothing new to try. What the refusal named is learnt at
  ///   once; a guess only when it has worked.
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
    guard status == 422, guessed != all else { return nil }
    let place = guessed.isEmpty ? 0 : groups.firstIndex(of: guessed).map { $0 + 1 } ?? groups.count
    return known.union(place < groups.count ? groups[place] : all)
  }
}
