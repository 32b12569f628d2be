import HTTP
import Records
import Tensors

/// Many requests to one server for a thread that waits: several at a time, with the rows in
/// order.
struct ServerRequests: Sendable {
  let exchange: EmbeddingExchange
  let requestsInFlight: Int
  let tasks: TaskWaiter

  /// Opens a server: one request for its models, and those of `probe`.
  ///
  /// - Parameter model: a served model's name; nil for the only one that is served.
  /// - Returns: the requests, the server's entry for the model, and the result of `probe`.
  /// - Throws: `HTTPError.badEndpoint`, `EncoderError.server`.
  static func open<Found: Sendable>(
    _ address: String, model: String?, key: APIKey?, options: ServerEncoder.Options,
    probe: @escaping @Sendable (EmbeddingExchange) async throws -> Found
  ) throws -> (requests: ServerRequests, served: ModelServer.ServedModel, found: Found) {
    let endpoint = try ServerEndpoint(address)
    let tasks = TaskWaiter(name: "kess-encoder-server")
    let retry = options.retry ?? RetryPolicy(sleep: { try await tasks.sleep(seconds: $0) })
    let (exchange, served, found) = try reporting(endpoint) {
      try tasks.wait {
        let server = ModelServer(
          endpoint: endpoint, client: try HTTPClient(), key: key, timeouts: options.timeouts)
        let served = try await server.model(named: model)
        let exchange = EmbeddingExchange(server: server, model: served.id, policy: retry)
        return (exchange, served, try await probe(exchange))
      }
    }
    return (
      ServerRequests(
        exchange: exchange, requestsInFlight: options.requestsInFlight, tasks: tasks),
      served, found
    )
  }

  /// Kind `http` and the served model's name. The endpoint is recorded but not compared.
  ///
  /// - Parameter pictures: the form in which pictures are sent, if any; another form gives
  ///   other embeddings.
  func identity(dimension: Int, pictures: ServerPicture? = nil) -> EncoderIdentity {
    EncoderIdentity(
      kind: "http", model: exchange.model, dimension: dimension, precision: pictures?.loss,
      server: exchange.server.endpoint.base)
  }

  /// Asks for items in batches of at most `perRequest`.
  ///
  /// - Returns: [items, width]
  /// - Throws: `EncoderError.server`, and other errors of `ask`.
  func encode<Item: Sendable>(
    _ items: [Item], perRequest: Int, width: Int,
    _ ask: @escaping @Sendable (ArraySlice<Item>) async throws -> [[Float]]
  ) throws -> Tensor<Float> {
    let batches = stride(from: 0, to: items.count, by: perRequest).map {
      $0..<min($0 + perRequest, items.count)
    }
    let scalars = try Self.reporting(exchange.server.endpoint) {
      try tasks.wait { [requestsInFlight] in
        try await withThrowingTaskGroup(of: (Int, [[Float]]).self) { group in
          var scalars = [Float](repeating: 0, count: items.count * width)
          for (number, batch) in batches.enumerated() {
            if number >= requestsInFlight, let (first, rows) = try await group.next() {
              scalars.replaceSubrange(
                first * width..<(first + rows.count) * width, with: rows.joined())
            }
            group.addTask { (batch.lowerBound, try await ask(items[batch])) }
          }
          for try await (first, rows) in group {
            scalars.replaceSubrange(
              first * width..<(first + rows.count) * width, with: rows.joined())
          }
          return scalars
        }
      }
    }
    return Tensor(shape: [items.count, width], scalars: scalars)
  }

  /// Turns the server's failures into this room's error.
  private static func reporting<Value>(_ endpoint: ServerEndpoint, _ body: () throws -> Value)
    throws -> Value
  {
    do {
      return try body()
    } catch let failure as ServerFailure {
      throw EncoderError.server(endpoint: endpoint.base, failure: failure)
    } catch let failure as NetworkFailure {
      throw EncoderError.server(
        endpoint: endpoint.base, failure: .unreachable(reason: failure.reason))
    }
  }
}
