import HTTP

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
